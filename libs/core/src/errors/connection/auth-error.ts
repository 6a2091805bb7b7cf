import { JobsError } from '../jobs-error.js';
import { maskUrl } from '../mask-url.js';
import { ConnectionError } from './connection-error.js';

/** Redis refused user name or password (code `AUTH`). */
export class AuthError extends ConnectionError {
  static {
    this.prototype.name = 'AuthError';
  }

  /** @param said what Redis answered: `WRONGPASS invalid username-password pair` */
  constructor(address: string, said: string, options?: ErrorOptions) {
    super(
      'AUTH',
      `Redis at ${maskUrl(address)} refused user name or password (${said}). Correct them in the URL (redis://user:password@host:port) or in the options.`,
      options,
    );
  }

  static override is(value: unknown): value is AuthError {
    return JobsError.is(value, 'AUTH');
  }
}
