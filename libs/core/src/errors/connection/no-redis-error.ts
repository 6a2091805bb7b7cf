import { JobsError } from '../jobs-error.js';
import { maskUrl } from '../mask-url.js';
import { ConnectionError } from './connection-error.js';

const START_ONE = "Start one (docker run -p 6379:6379 valkey/valkey), or set connection: 'embedded'.";
const TRUST_IT = 'Give the connection the authority that signed it (tls: { ca }), or the server another certificate.';

/** Redis could not be reached (code `NO_REDIS`). */
export class NoRedisError extends ConnectionError {
  static {
    this.prototype.name = 'NoRedisError';
  }

  /**
   * @param address where Redis was looked for: a URL (its password is masked) or `host:port`
   * @param reason in what way it failed: `ECONNREFUSED`, `no answer within 10000 ms`
   */
  constructor(address: string, reason: string, options?: ErrorOptions) {
    const failed = reason === 'ECONNREFUSED' ? 'refused the connection' : 'could not be reached';
    const advice = reason.includes('certificate') ? TRUST_IT : START_ONE;
    super('NO_REDIS', `Redis at ${maskUrl(address)} ${failed} (${maskUrl(reason)}). ${advice}`, options);
  }

  static override is(value: unknown): value is NoRedisError {
    return JobsError.is(value, 'NO_REDIS');
  }
}
