import { JobsError } from '../jobs-error.js';

/** The attempt ran past its deadline (code `JOB_TIMEOUT`). It is the reason of `job.signal`. */
export class JobTimeoutError extends JobsError {
  static {
    this.prototype.name = 'JobTimeoutError';
  }

  readonly queue: string;
  readonly jobId: string;
  readonly timeoutMs: number;

  constructor(queue: string, jobId: string, timeoutMs: number) {
    super(
      'JOB_TIMEOUT',
      `Job ${queue}/${jobId} ran longer than its timeoutMs of ${timeoutMs}. Pass job.signal on to what the handler waits for, or raise timeoutMs.`,
    );
    this.queue = queue;
    this.jobId = jobId;
    this.timeoutMs = timeoutMs;
  }

  static override is(value: unknown): value is JobTimeoutError {
    return JobsError.is(value, 'JOB_TIMEOUT');
  }
}
