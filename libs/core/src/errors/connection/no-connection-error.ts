import { JobsError } from '../jobs-error.js';
import { ConnectionError } from './connection-error.js';

/** No connection is configured where there must be one (code `NO_CONNECTION`). */
export class NoConnectionError extends ConnectionError {
  static {
    this.prototype.name = 'NoConnectionError';
  }

  /**
   * @param circumstance why the embedded server is not taken: `NODE_ENV=production`
   * @param option the option that is missing, in the words of the caller's layer
   */
  constructor(circumstance: string, option = 'connect(input)') {
    super(
      'NO_CONNECTION',
      `${circumstance} and neither ${option} nor REDIS_URL is set. Set one of them to the URL of your Redis; an embedded one is for development only.`,
    );
  }

  static override is(value: unknown): value is NoConnectionError {
    return JobsError.is(value, 'NO_CONNECTION');
  }
}
