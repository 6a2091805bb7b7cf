import { JobsError } from '../jobs-error.js';
import { ConnectionError } from './connection-error.js';

/** No embedded Redis could be started (code `NO_EMBEDDED`). */
export class NoEmbeddedError extends ConnectionError {
  static {
    this.prototype.name = 'NoEmbeddedError';
  }

  /** @param reason what was tried and how it failed, without a full stop */
  constructor(reason: string, options?: ErrorOptions) {
    super(
      'NO_EMBEDDED',
      `No embedded Redis could be started: ${reason}. Install redis-server or valkey-server (Debian: apt-get install redis-server), or set the connection option or REDIS_URL.`,
      options,
    );
  }

  static override is(value: unknown): value is NoEmbeddedError {
    return JobsError.is(value, 'NO_EMBEDDED');
  }
}
