import { JobsError } from '../jobs-error.js';

/**
 * Thrown by a handler: the job ends as `cancelled` (code `CANCEL`). It is also the reason of `job.signal` when the job is
 * cancelled from outside.
 */
export class CancelError extends JobsError {
  static {
    this.prototype.name = 'CancelError';
  }

  constructor(message = 'The job was cancelled.', options?: ErrorOptions) {
    super('CANCEL', message, options);
  }

  static override is(value: unknown): value is CancelError {
    return JobsError.is(value, 'CANCEL');
  }
}
