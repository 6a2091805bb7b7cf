import { JobsError } from '../jobs-error.js';
import { ConnectionError } from './connection-error.js';

/** The server lacks what Millrace needs (code `SERVER_TOO_OLD`). */
export class ServerTooOldError extends ConnectionError {
  static {
    this.prototype.name = 'ServerTooOldError';
  }

  /** What the server says that it is: `Redis 6.2.6`. */
  readonly found: string;

  constructor(found: string) {
    super(
      'SERVER_TOO_OLD',
      `${found} is too old: Millrace needs Redis ≥ 7.0 or Valkey ≥ 7.2, of 64 bits. Upgrade the server.`,
    );
    this.found = found;
  }

  static override is(value: unknown): value is ServerTooOldError {
    return JobsError.is(value, 'SERVER_TOO_OLD');
  }
}
