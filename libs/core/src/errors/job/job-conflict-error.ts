import { JobsError } from '../jobs-error.js';

/**
 * A job with this id exists, or one that holds the unique key, and `onConflict: 'reject'` was asked for (code
 * `JOB_CONFLICT`). Nothing was written.
 */
export class JobConflictError extends JobsError {
  static {
    this.prototype.name = 'JobConflictError';
  }

  readonly queue: string;
  /** The job that is in the way. */
  readonly jobId: string;

  /** @param by what both have in common */
  constructor(queue: string, jobId: string, by: 'id' | 'unique' = 'id') {
    super(
      'JOB_CONFLICT',
      by === 'id'
        ? `Job ${queue}/${jobId} exists already. Take another id, or onConflict: 'keep' to get the existing job or 'replace' to reset it.`
        : `Job ${queue}/${jobId} holds the same unique key. Take another key, or onConflict: 'keep' to get that job or 'replace' to put the new one in its place.`,
    );
    this.queue = queue;
    this.jobId = jobId;
  }

  static override is(value: unknown): value is JobConflictError {
    return JobsError.is(value, 'JOB_CONFLICT');
  }
}
