import { JobsError } from '../jobs-error.js';

/** No job has this id (code `JOB_NOT_FOUND`). */
export class JobNotFoundError extends JobsError {
  static {
    this.prototype.name = 'JobNotFoundError';
  }

  readonly queue: string;
  readonly jobId: string;

  constructor(queue: string, jobId: string) {
    super(
      'JOB_NOT_FOUND',
      `Job ${queue}/${jobId} does not exist: it was never added here, or it was removed or pruned after its end.`,
    );
    this.queue = queue;
    this.jobId = jobId;
  }

  static override is(value: unknown): value is JobNotFoundError {
    return JobsError.is(value, 'JOB_NOT_FOUND');
  }
}
