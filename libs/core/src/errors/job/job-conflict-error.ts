import { JobsError } from '../jobs-error.js';

/** A job with this id exists and `onConflict: 'reject'` was asked for (code `JOB_CONFLICT`). Nothing was written. */
export class JobConflictError extends JobsError {
  static {
    this.prototype.name = 'JobConflictError';
  }

  readonly queue: string;
  readonly jobId: string;

  constructor(queue: string, jobId: string) {
    super(
      'JOB_CONFLICT',
      `Job ${queue}/${jobId} exists already. Take another id, or onConflict: 'keep' to get the existing job or 'replace' to reset it.`,
    );
    this.queue = queue;
    this.jobId = jobId;
  }

  static override is(value: unknown): value is JobConflictError {
    return JobsError.is(value, 'JOB_CONFLICT');
  }
}
