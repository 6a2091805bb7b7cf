import { JobsError } from '../jobs-error.js';

/** A job on which another one depends did not complete, and so that one ended (code `DEPENDENCY_FAILED`). */
export class DependencyFailedError extends JobsError {
  static {
    this.prototype.name = 'DependencyFailedError';
  }

  constructor(dependency: string) {
    super('DEPENDENCY_FAILED', `Job ${dependency}, on which this one depends, failed.`);
  }

  static override is(value: unknown): value is DependencyFailedError {
    return JobsError.is(value, 'DEPENDENCY_FAILED');
  }
}
