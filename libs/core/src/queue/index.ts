/** Queues: adding jobs, and looking after them. */
export type { JobDraft } from './adding.js';
export type { BulkOptions, BulkResult, Selection } from './bulk.js';
export type { CancelSelection, PromoteSelection, RemoveSelection } from './bulk-listed.js';
export type { AddDependencyOptions } from './dependencies.js';
export type { Dependency, DependencyPage, Dependent, DependentPage, RelativesOptions } from './relatives.js';
export type { CancelOptions, CancelOutcome } from './cancelling.js';
export type { FailureGroup, FailurePage, FailuresOptions } from './failures.js';
export type { HistoryEntry, HistoryType } from './history.js';
export type { DeleteOptions, DrainOptions } from './deletion.js';
export type { Finding, FindingKind } from './verify/finding.js';
export type { MendedFinding, RepairReport, VerifyOptions, VerifyReport } from './verify/verifying.js';
export type { JobCounts, RunningInfo, Unclaimed, WorkerInfo, WorkersOptions } from './inspector.js';
export {
  listQueues,
  type ListQueuesOptions,
  type PriorityLatency,
  type QueueInfo,
  type QueueLatency,
  type QueueMemory,
} from './survey.js';
export type { JobPage, ListOptions } from './listing.js';
export type { LiveConfig } from './live-config.js';
export type { BatchListOptions, BatchPage, OpenBatch, OpenBatches } from './open-batches.js';
export type { PauseOptions } from './pausing.js';
export type { ExpireOutcome, PromoteOutcome, RemoveOutcome, RetryOutcome } from './queue-admin.js';
export type { GroupInfo, GroupListOptions, GroupPage, Groups } from './groups.js';
export type { ResourceInfo, Resources, ResourcesInfo } from './resources.js';
export { Queue, type QueueOf } from './queue.js';
export type { DraftOf, FailureJobOf, ScheduledJobOf } from './queue-jobs.js';
export type { ScheduleListOptions, ScheduleSync } from './schedule-list.js';
export type { ScheduleDraft } from './schedules.js';
export type { DayOptions, NameStats, StatsOptions, ThroughputOptions } from './stats.js';
export type { ResultOptions } from './results.js';
export type { TagCount, TopTagsOptions, TrackedJobs, TrackOutcome } from './tagging.js';
