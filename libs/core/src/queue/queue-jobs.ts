import type { FailureJob, ScheduledJob } from '../options/index.js';
import type { JobInput, JobMap, JobName } from '../types/index.js';
import type { JobDraft } from './adding.js';

/** The jobs that a queue of these jobs can add when another one fails. */
export type FailureJobOf<M extends JobMap> = { [N in JobName<M>]: FailureJob<N, JobInput<M, N>> }[JobName<M>];

/** The drafts that a queue of these jobs takes. */
export type DraftOf<M extends JobMap> = {
  [N in JobName<M>]: JobDraft<N, JobInput<M, N>, FailureJobOf<M>>;
}[JobName<M>];

/** The jobs that the schedules of a queue of these jobs can add. */
export type ScheduledJobOf<M extends JobMap> = {
  [N in JobName<M>]: ScheduledJob<N, JobInput<M, N>, FailureJobOf<M>>;
}[JobName<M>];
