import { JobsError } from '@millrace/core';

/** A guard refused the job before its handler was entered (code `FORBIDDEN`). The job fails at once. */
export class ForbiddenJobError extends JobsError {
  static {
    this.prototype.name = 'ForbiddenJobError';
  }

  readonly queue: string;
  readonly jobId: string;

  constructor(queue: string, jobId: string, options?: ErrorOptions) {
    super(
      'FORBIDDEN',
      `A guard refused job ${queue}/${jobId}, and would refuse it again. Let the guard pass for jobs (isJobContext()), or add the job with what it asks for.`,
      options,
    );
    this.queue = queue;
    this.jobId = jobId;
  }

  static override is(value: unknown): value is ForbiddenJobError {
    return JobsError.is(value, 'FORBIDDEN');
  }
}
