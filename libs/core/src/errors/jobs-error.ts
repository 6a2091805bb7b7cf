import type { ErrorCode } from './error-codes.js';

/** Shared by every copy of the package in one process, so that an error is recognised across copies. */
const BRAND = Symbol.for('millrace.error');

/**
 * Every error of Millrace. `code` is stable and is what to compare; the message is for people: what happened, to which
 * queue or job, and what to do.
 *
 * @example
 * try { await queue.result(job.id, { timeoutMs: 5_000 }); }
 * catch (error) { if (JobsError.is(error, 'WAIT_TIMEOUT')) return 'still running'; throw error; }
 */
export class JobsError extends Error {
  static {
    this.prototype.name = 'JobsError';
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /**
   * Whether a value is an error of Millrace, and of this code if one is given. Works where `instanceof` does not: when
   * the package is loaded twice. Never throws, whatever the value is.
   */
  static is(value: unknown, code?: ErrorCode): value is JobsError {
    if (typeof value !== 'object' || value === null) return false;
    try {
      if ((value as Record<symbol, unknown>)[BRAND] !== true) return false;
      return code === undefined || (value as JobsError).code === code;
    } catch {
      return false;
    }
  }
}
