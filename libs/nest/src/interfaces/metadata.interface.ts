import type { ScheduledJob, ScheduleOptions } from '@millrace/core';

import type { HookName } from './hooks.interface.js';
import type { HandlerSettings, WorkerSettings } from './worker-settings.interface.js';

/** What `@Processor()` was told. */
export interface ProcessorMetadata {
  readonly queues: readonly string[];
  readonly root: string;
  readonly settings: WorkerSettings;
}

/** What `@OnJob()` or `@OnJobBatch()` was told. */
export interface HandlerMetadata {
  /** Left out, the job's name is the method's. */
  readonly jobName?: string | undefined;
  readonly settings: HandlerSettings;
  /** By `@OnJobBatch()`. */
  readonly isBatch?: boolean;
}

/** What one `@Recurring()` was told. */
export interface RecurringMetadata {
  /** Left out, it is that of queue and job. */
  readonly id: string | undefined;
  readonly timing: ScheduleOptions;
  readonly data: unknown;
  readonly options: ScheduledJob['options'];
}

/** What one hook decorator was told. */
export interface HookMetadata {
  readonly hook: HookName;
  /** Empty for all jobs of the class. */
  readonly jobNames: readonly string[];
}

/** What `@QueueListener()` was told. */
export interface ListenerMetadata {
  readonly queues: readonly string[];
  readonly root: string;
}

/** What one `@OnQueueEvent()` was told. */
export interface EventMetadata {
  readonly event: string;
  readonly once: boolean;
}
