import { JobsError } from '../jobs-error.js';

/** A queue, worker or connection was used after (or while) it was closed (code `CLOSED`). Nothing was sent. */
export class ClosedError extends JobsError {
  static {
    this.prototype.name = 'ClosedError';
  }

  /**
   * @param what what is closed: `Queue "mail"`
   * @param use what it was asked to do, as a verb: `add a job`
   */
  constructor(what: string, use: string) {
    super('CLOSED', `${what} is closed and cannot ${use}. Finish the work before closing, or open a new one.`);
  }

  static override is(value: unknown): value is ClosedError {
    return JobsError.is(value, 'CLOSED');
  }
}
