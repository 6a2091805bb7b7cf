import { JobsError } from '../jobs-error.js';

/** The worker no longer holds the job (code `LEASE_LOST`). It is the reason of `job.signal`; the outcome is refused. */
export class LeaseLostError extends JobsError {
  static {
    this.prototype.name = 'LeaseLostError';
  }

  readonly queue: string;
  readonly jobId: string;

  /** @param reason how it came about: `after 5 min of a blocked event loop` */
  constructor(queue: string, jobId: string, reason?: string) {
    super(
      'LEASE_LOST',
      `Job ${queue}/${jobId} lost its lease${reason === undefined ? '' : ` ${reason}`}; its outcome is refused, and it may run again elsewhere. Stop the work when job.signal aborts.`,
    );
    this.queue = queue;
    this.jobId = jobId;
  }

  static override is(value: unknown): value is LeaseLostError {
    return JobsError.is(value, 'LEASE_LOST');
  }
}
