import { JobsError } from '../jobs-error.js';

/** The job has ended, and the change asked for needs one that has not (code `JOB_FINISHED`). Nothing was written. */
export class JobFinishedError extends JobsError {
  static {
    this.prototype.name = 'JobFinishedError';
  }

  readonly queue: string;
  readonly jobId: string;

  /** @param change what was asked for: `made to depend on others` */
  constructor(queue: string, jobId: string, change: string) {
    super(
      'JOB_FINISHED',
      `Job ${queue}/${jobId} has ended and cannot be ${change}. Retry it first, or add another job.`,
    );
    this.queue = queue;
    this.jobId = jobId;
  }

  static override is(value: unknown): value is JobFinishedError {
    return JobsError.is(value, 'JOB_FINISHED');
  }
}
