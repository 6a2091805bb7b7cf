import { JobsError } from '../jobs-error.js';

/** The job is running, and the change asked for needs one that is not (code `JOB_ACTIVE`). Nothing was written. */
export class JobActiveError extends JobsError {
  static {
    this.prototype.name = 'JobActiveError';
  }

  readonly queue: string;
  readonly jobId: string;

  /** @param change what was asked for: `replaced`, `removed`, `promoted` */
  constructor(queue: string, jobId: string, change: string) {
    super(
      'JOB_ACTIVE',
      `Job ${queue}/${jobId} is running and cannot be ${change}. Cancel it first${change === 'replaced' ? ` (or pass onActive: 'cancel')` : ''}, or wait for its end.`,
    );
    this.queue = queue;
    this.jobId = jobId;
  }

  static override is(value: unknown): value is JobActiveError {
    return JobsError.is(value, 'JOB_ACTIVE');
  }
}
