import { JobsError } from '../jobs-error.js';

/** A job was tried again uncounted (snoozed, or `isFailure` said no) more often than `maxUncounted` allows (code `UNCOUNTED_LIMIT`). */
export class UncountedLimitError extends JobsError {
  static {
    this.prototype.name = 'UncountedLimitError';
  }

  readonly maxUncounted: number;

  constructor(maxUncounted: number, cause: Error) {
    super(
      'UNCOUNTED_LIMIT',
      `The job was tried again ${maxUncounted} times without being counted, which is its maxUncounted. The last reason is the cause.`,
      { cause },
    );
    this.maxUncounted = maxUncounted;
  }

  static override is(value: unknown): value is UncountedLimitError {
    return JobsError.is(value, 'UNCOUNTED_LIMIT');
  }
}
