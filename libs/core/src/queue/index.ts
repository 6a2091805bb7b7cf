/** Queues: adding jobs, and looking after them. */
export type { JobCounts, JobPage, ListOptions, Unclaimed, WorkerInfo } from './inspector.js';
export type { LiveConfig } from './live-config.js';
export type { PauseOptions } from './pausing.js';
export type { CancelOutcome, PromoteOutcome, RemoveOutcome, RetryOutcome } from './queue-admin.js';
export { Queue, type DraftOf, type JobDraft } from './queue.js';
