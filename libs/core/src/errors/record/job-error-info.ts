/** What is kept of an error that ended an attempt: plain data of bounded size. */
export interface JobErrorInfo {
  /** The name of the error's class: `TypeError`. */
  readonly name: string;
  /** At most 10,000 characters. */
  readonly message: string;
  /** At most 16,384 characters. */
  readonly stack?: string;
  /** `code` of the error, where it is a text or a number: `ECONNREFUSED`, `JOB_TIMEOUT`. */
  readonly code?: string;
  /** How the attempt ended, where throwing was not it: `stalled`, `timeout`, `forbidden`. */
  readonly kind?: string;
  /** The error behind this one; at most five deep, and shorter than the error itself. */
  readonly cause?: JobErrorInfo;
}
