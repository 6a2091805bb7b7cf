import type { ActiveJob } from '@millrace/core';

/** What a handler runs for: a job, or the jobs of a batch. */
export type JobSubject = ActiveJob | readonly ActiveJob[];

/** The jobs that a handler runs for. */
export function jobsIn(subject: JobSubject): readonly ActiveJob[] {
  return isBatch(subject) ? subject : [subject];
}

/** Whether a handler runs for a batch. */
export function isBatch(subject: JobSubject): subject is readonly ActiveJob[] {
  return Array.isArray(subject);
}
