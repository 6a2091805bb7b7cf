import type { ArgumentsHost } from '@nestjs/common';
import type { ActiveJob } from '@millrace/core';

import { JOB_CONTEXT_TYPE } from '../jobs.constants.js';
import { isBatch, jobsIn, type JobSubject } from './job-subject.js';

/**
 * Whether an enhancer runs for a job rather than for a request. Put it first in guards, interceptors and filters that
 * serve both: `if (!isJobContext(context)) …`.
 */
export function isJobContext(context: ArgumentsHost): boolean {
  return context.getType<string>() === JOB_CONTEXT_TYPE;
}

/** The job of an enhancer's context. */
export class JobContext {
  private constructor() {}

  /**
   * The job that a guard, interceptor, filter or parameter decorator runs for.
   *
   * @throws TypeError when the context is none of a job (ask {@link isJobContext} first), or that of a batch
   */
  static of<D = unknown>(context: ArgumentsHost): ActiveJob<D> {
    if (!isJobContext(context)) {
      throw new TypeError(
        `JobContext.of() was called for a context of type "${context.getType<string>()}". Ask isJobContext() first.`,
      );
    }
    const subject = context.getArgByIndex<ActiveJob<D> | readonly ActiveJob<D>[]>(0);
    if (!isBatch(subject)) return subject;
    throw new TypeError(
      `JobContext.of() was called for a batch of ${subject.length} jobs. Ask JobContext.jobs(), which gives the list, of one job too.`,
    );
  }

  /**
   * The jobs that a guard, interceptor, filter or parameter decorator runs for: those of the batch, or the one job.
   *
   * @throws TypeError when the context is none of a job; ask {@link isJobContext} first
   */
  static jobs<D = unknown>(context: ArgumentsHost): readonly ActiveJob<D>[] {
    if (!isJobContext(context)) return [JobContext.of<D>(context)];
    return jobsIn(context.getArgByIndex<JobSubject>(0)) as readonly ActiveJob<D>[];
  }
}
