import { JobsError } from '../jobs-error.js';

/** What is stored for a job cannot be decoded (code `BROKEN_PAYLOAD`). The job ends as `broken`; its text is kept. */
export class BrokenPayloadError extends JobsError {
  static {
    this.prototype.name = 'BrokenPayloadError';
  }

  readonly queue: string;
  readonly jobId: string;

  /** @param reason what is wrong, without a full stop: `Unexpected end of JSON input` */
  constructor(queue: string, jobId: string, reason: string, options?: ErrorOptions) {
    super(
      'BROKEN_PAYLOAD',
      `The stored data of job ${queue}/${jobId} cannot be used: ${reason}. It is kept as it is; look at it with queue.get().`,
      options,
    );
    this.queue = queue;
    this.jobId = jobId;
  }

  static override is(value: unknown): value is BrokenPayloadError {
    return JobsError.is(value, 'BROKEN_PAYLOAD');
  }
}
