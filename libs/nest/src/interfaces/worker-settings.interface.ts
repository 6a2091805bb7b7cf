import type { BatchOptions, HandlerDefinition, QueueOrder, WorkerOptions } from '@millrace/core';
import type { Scope } from '@nestjs/common';

import type { QueueIdentity } from './queue-options.interface.js';

/** Options of the one worker that a queue has in a process. They hold for all its processors together. */
export type WorkerSettings = Pick<
  WorkerOptions,
  | 'concurrency'
  | 'shutdownTimeoutMs'
  | 'hookTimeoutMs'
  | 'lease'
  | 'prefetch'
  | 'isFailure'
  | 'backoffs'
  | 'logEvents'
  | 'health'
  | 'startJitterMs'
>;

/** Several queues that are worked by one worker, and so share its slots. */
export interface SharedWorkerSettings extends WorkerSettings {
  /** At least one: names, contracts, `{ name, weight }`; or weights by name, `{ critical: 6, default: 3, low: 1 }`. */
  readonly queues: readonly (QueueIdentity | WeighedQueue)[] | Readonly<Record<string, number>>;
  /** In which order they are served. @default 'round-robin'; 'weighted' where weights are given */
  readonly order?: QueueOrder | undefined;
}

/** A queue with its share. */
export interface WeighedQueue {
  readonly name: string;
  /** 1 … 1000. @default 1 */
  readonly weight?: number | undefined;
}

/** Options of one handler, and of the jobs that it takes. */
export interface HandlerSettings extends Omit<HandlerDefinition, 'run'> {
  /** Of a handler of batches, in place of what `@OnJobBatch()` says. */
  readonly batch?: BatchOptions | undefined;
}

/** Options of a processor given by the application rather than by the class: they win over the decorators. */
export interface ProcessorSettings extends WorkerSettings {
  /** By job name. */
  readonly handlers?: { readonly [jobName: string]: HandlerSettings } | undefined;
}

/** What `@Processor()` takes in its long form. */
export interface ProcessorOptions extends WorkerSettings {
  /** The queue, or several: the class then works on each. */
  readonly queue: QueueIdentity | readonly QueueIdentity[];
  /** The name given to `forRoot({ name })`. @default the unnamed root */
  readonly root?: string | undefined;
  /** `Scope.REQUEST` makes one instance a job; the `REQUEST` provider is the job. @default Scope.DEFAULT */
  readonly scope?: Scope | undefined;
  /** With `Scope.REQUEST`: one instance for all jobs that the application's context strategy puts together. */
  readonly durable?: boolean | undefined;
}
