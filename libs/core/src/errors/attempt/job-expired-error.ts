import { JobsError } from '../jobs-error.js';

/** The job was not started within its `expiresInMs` (code `JOB_EXPIRED`). It ends as `cancelled` and never runs. */
export class JobExpiredError extends JobsError {
  static {
    this.prototype.name = 'JobExpiredError';
  }

  readonly queue: string;
  readonly jobId: string;

  constructor(queue: string, jobId: string) {
    super(
      'JOB_EXPIRED',
      `Job ${queue}/${jobId} was not started within its expiresInMs. Start more workers, or give it more time.`,
    );
    this.queue = queue;
    this.jobId = jobId;
  }

  static override is(value: unknown): value is JobExpiredError {
    return JobsError.is(value, 'JOB_EXPIRED');
  }
}
