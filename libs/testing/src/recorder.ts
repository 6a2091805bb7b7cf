import type { AddMiddleware, JobOptions } from '@millrace/core';

/** A job that the application has added. */
export interface EnqueuedJob {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  /** As it was given to `add()`. */
  readonly data: unknown;
  readonly options: JobOptions | undefined;
}

/** Notes what the queues of an application add, so that a test can ask without waiting. */
export class Recorder {
  readonly jobs: EnqueuedJob[] = [];

  readonly middleware: AddMiddleware = async ({ queue, name, data, options }, next) => {
    const job = await next();
    this.jobs.push({ id: job.id, queue, name, data, options });
    return job;
  };
}
