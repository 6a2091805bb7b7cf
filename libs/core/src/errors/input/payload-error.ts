import { JobsError } from '../jobs-error.js';

/** A value cannot be stored as JSON, or is too large (code `PAYLOAD`). Nothing was sent to Redis. */
export class PayloadError extends JobsError {
  static {
    this.prototype.name = 'PayloadError';
  }

  /** Where in the value the fault is: `data.user.birthday`, `data.rows[3]`. */
  readonly path: string;

  /**
   * @param subject what the value is: `Payload of "welcome"`
   * @param problem what is wrong with it, and what to do, as sentences: `cannot be stored: data.at is a BigInt. …`
   */
  constructor(subject: string, path: string, problem: string, options?: ErrorOptions) {
    super('PAYLOAD', `${subject} ${problem}`, options);
    this.path = path;
  }

  static override is(value: unknown): value is PayloadError {
    return JobsError.is(value, 'PAYLOAD');
  }
}
