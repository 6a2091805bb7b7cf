import type { BatchOptions, HandlerDefinition, WorkerOptions } from '@millrace/core';
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
