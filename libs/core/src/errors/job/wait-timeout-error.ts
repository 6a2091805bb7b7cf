import { JobsError } from '../jobs-error.js';

/** The job did not end in the time that the caller would wait (code `WAIT_TIMEOUT`). The job itself goes on. */
export class WaitTimeoutError extends JobsError {
  static {
    this.prototype.name = 'WaitTimeoutError';
  }

  readonly queue: string;
  readonly jobId: string;
  readonly timeoutMs: number;

  constructor(queue: string, jobId: string, timeoutMs: number) {
    super(
      'WAIT_TIMEOUT',
      `Job ${queue}/${jobId} did not end within ${timeoutMs} ms. It goes on: ask again, or wait longer.`,
    );
    this.queue = queue;
    this.jobId = jobId;
    this.timeoutMs = timeoutMs;
  }

  static override is(value: unknown): value is WaitTimeoutError {
    return JobsError.is(value, 'WAIT_TIMEOUT');
  }
}
