import type { ActiveJob, AddDraft, AddMiddleware, Job, RunMiddleware } from '@millrace/core';
import type { Type } from '@nestjs/common';

/** A provider that stands around each run of a handler, its guards and interceptors included; see {@link RunMiddleware}. */
export interface JobRunMiddleware {
  run(job: ActiveJob, next: () => Promise<unknown>): unknown;
}

/** A provider that stands around each adding of a job; see {@link AddMiddleware}. */
export interface JobAddMiddleware {
  add(draft: AddDraft, next: Parameters<AddMiddleware>[1]): Promise<Job>;
}

/** What stands around every run and every adding of a root, the first outermost: classes of providers, instances, or functions. */
export interface JobsMiddleware {
  readonly run?: readonly (RunMiddleware | JobRunMiddleware | Type<JobRunMiddleware>)[] | undefined;
  readonly add?: readonly (AddMiddleware | JobAddMiddleware | Type<JobAddMiddleware>)[] | undefined;
}
