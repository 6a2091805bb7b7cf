import { JobsError } from '../jobs-error.js';
import type { JobErrorInfo } from '../record/job-error-info.js';

/** The final states other than `completed`. */
export type UnsuccessfulState = 'failed' | 'timed_out' | 'broken' | 'cancelled';

/** The job that was waited for did not complete (code `JOB_FAILED`). */
export class JobFailedError extends JobsError {
  static {
    this.prototype.name = 'JobFailedError';
  }

  readonly queue: string;
  readonly jobId: string;
  readonly state: UnsuccessfulState;
  /** What the last attempt threw, as it was stored. */
  readonly error: JobErrorInfo | undefined;

  constructor(queue: string, jobId: string, state: UnsuccessfulState, error?: JobErrorInfo) {
    super('JOB_FAILED', `Job ${queue}/${jobId} ended as ${state}${error ? `: ${error.name}: ${error.message}` : '.'}`);
    this.queue = queue;
    this.jobId = jobId;
    this.state = state;
    this.error = error;
  }

  static override is(value: unknown): value is JobFailedError {
    return JobsError.is(value, 'JOB_FAILED');
  }
}
