import { JobsError } from '../jobs-error.js';

/**
 * Thrown by a handler: trying again is useless, the job fails now whatever attempts are left (code `UNRECOVERABLE`).
 *
 * @example throw new UnrecoverableError('The account was closed.', { cause: error });
 */
export class UnrecoverableError extends JobsError {
  static {
    this.prototype.name = 'UnrecoverableError';
  }

  constructor(message = 'The handler said that trying again is useless.', options?: ErrorOptions) {
    super('UNRECOVERABLE', message, options);
  }

  static override is(value: unknown): value is UnrecoverableError {
    return JobsError.is(value, 'UNRECOVERABLE');
  }
}
