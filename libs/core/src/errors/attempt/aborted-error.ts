import { JobsError } from '../jobs-error.js';

/** The worker shuts down before the job ended (code `ABORTED`). It is the reason of `job.signal`. */
export class AbortedError extends JobsError {
  static {
    this.prototype.name = 'AbortedError';
  }

  readonly queue: string;
  readonly jobId: string;

  constructor(queue: string, jobId: string) {
    super(
      'ABORTED',
      `The worker of job ${queue}/${jobId} shuts down. The job goes back to the front of its queue and this attempt is not counted.`,
    );
    this.queue = queue;
    this.jobId = jobId;
  }

  static override is(value: unknown): value is AbortedError {
    return JobsError.is(value, 'ABORTED');
  }
}
