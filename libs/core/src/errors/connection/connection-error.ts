import { JobsError } from '../jobs-error.js';

/** The codes of errors about getting a connection. */
export const CONNECTION_CODES = ['NO_REDIS', 'NO_CONNECTION', 'AUTH', 'SERVER_TOO_OLD', 'NO_EMBEDDED'] as const;

/** One of the codes about getting a connection. */
export type ConnectionCode = (typeof CONNECTION_CODES)[number];

/** No usable connection to Redis. The code says why; each has a class of its own. */
export class ConnectionError extends JobsError {
  static {
    this.prototype.name = 'ConnectionError';
  }

  constructor(code: ConnectionCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }

  static override is(value: unknown): value is ConnectionError {
    return JobsError.is(value) && (CONNECTION_CODES as readonly string[]).includes(value.code);
  }
}
