import { JobsError } from '../jobs-error.js';

/** Redis answered something that this version cannot read (code `PROTOCOL`). */
export class ProtocolError extends JobsError {
  static {
    this.prototype.name = 'ProtocolError';
  }

  /** @param message which command, and what came instead of what */
  constructor(message: string, options?: ErrorOptions) {
    super('PROTOCOL', message, options);
  }

  static override is(value: unknown): value is ProtocolError {
    return JobsError.is(value, 'PROTOCOL');
  }
}
