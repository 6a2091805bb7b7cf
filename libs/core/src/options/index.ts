/** The options of everything: one type, one table of defaults and one resolving function each. */
export {
  BACKOFF_DEFAULTS,
  resolveBackoff,
  type Backoff,
  type CustomBackoff,
  type ExponentialBackoff,
  type FixedBackoff,
  type ResolvedBackoff,
  type SidekiqBackoff,
} from './job/backoff-options.js';
export { batch, type BatchDefinition, type BatchSettings } from './worker/batch-handler.js';
export {
  BATCH_DEFAULTS,
  MAX_BATCH_SIZE,
  type BatchHandler,
  type BatchOptions,
  type IntoJob,
  type ResolvedBatch,
  type RunningBatch,
} from './worker/batch-options.js';
export { type Concurrency, type ResolvedConcurrency } from './worker/concurrency-option.js';
export {
  CONNECT_DEFAULTS,
  resolveConnectSettings,
  type ConnectSettings,
  type ResolvedConnectSettings,
} from './connect-settings.js';
export { fieldTable, nested, readFields, type Check, type FieldTable } from './check/fields.js';
export {
  ANY_NAME,
  resolveHandler,
  type Handler,
  type HandlerDefinition,
  type ResolvedHandler,
} from './worker/handler-options.js';
export type { ErrorClass, ErrorRule, ResolvedErrorRule } from './worker/error-rules.js';
export {
  JOB_DEFAULTS,
  layerJobDefaults,
  PRIORITY_WORDS,
  resolveJobDefaults,
  type JobDefaults,
  type KeepAge,
  type LayeredJobDefaults,
  type Priority,
  type ResolvedJobDefaults,
  type ResolvedKeep,
} from './job/job-defaults.js';
export {
  checkScheduleId,
  resolveScheduledJobOptions,
  resolveScheduleOptions,
  SCHEDULE_DEFAULTS,
  type CronTiming,
  type IntervalTiming,
  type ResolvedScheduleOptions,
  type ScheduledJob,
  type ScheduleOptions,
} from './schedule/schedule-options.js';
export type { ResolvedUnique, UniqueOptions } from './job/unique-options.js';
export {
  JOB_OPTION_DEFAULTS,
  resolveJobOptions,
  type FailureJob,
  type JobOptions,
  type OnConflict,
  type ResolvedJobOptions,
} from './job/job-options.js';
export type { JobPatch, MovePatch } from './job/job-patch.js';
export { LEASE_DEFAULTS, type LeaseOptions, type ResolvedLeaseOptions } from './worker/lease-options.js';
export { type HealthOptions, type ResolvedHealth } from './worker/health-option.js';
export type { ConsumerFacts, HealthReport, QueueReport, WorkerState } from './worker/health-report.js';
export { jsonLogger, textLogger, type LineLoggerOptions } from './line-logger.js';
export {
  LOG_EVENT_LEVELS,
  type LogEventName,
  type LogEvents,
  type LogLevel,
  type ResolvedLogEvents,
} from './log-events.js';
export type { AddDraft, AddMiddleware, RunMiddleware } from './middleware.js';
export { type ContextSource, type ResolvedContext } from './worker/context-option.js';
export { consoleLogger, loggerOption, silentLogger, type Logger } from './logger.js';
export { REDACT_DEFAULTS, type RedactOptions } from './redact-options.js';
export {
  resolveGroupLimits,
  type GroupLimits,
  type GroupLimitsPatch,
  type ResolvedGroupLimits,
} from './queue/group-settings.js';
export type { RateLimit } from './queue/limit-options.js';
export {
  QUEUE_CONFIG_DEFAULTS,
  resolveQueueConfigPatch,
  resolveSettings,
  type FinalState,
  type QueueConfig,
  type QueueConfigPatch,
  type QueueSetting,
  type ResolvedQueueConfigPatch,
  type Retention,
} from './queue/queue-config.js';
export {
  QUEUE_DEFAULTS,
  resolveQueueOptions,
  type QueueOptions,
  type ResolvedQueueOptions,
} from './queue/queue-options.js';
export { type QueueRef, type ResolvedQueueRefs } from './queue/queue-refs.js';
export type { QueueOrder, ResolvedWorkQueue, WorkQueue, WorkQueues } from './worker/work-queues.js';
export type { FailureInfo, PermanentFailureInfo, TimeoutInfo, WorkerHooks } from './worker/worker-hooks.js';
export {
  resolveWorkerOptions,
  WORKER_DEFAULTS,
  type BackoffFunction,
  type ResolvedWorkerOptions,
  type WorkerOptions,
} from './worker/worker-options.js';
