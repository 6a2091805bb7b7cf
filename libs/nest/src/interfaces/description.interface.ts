import type { QueueOrder, WorkerHealth, WorkerState } from '@millrace/core';

import type { EffectiveOptions } from './ladder.interface.js';

/** What a root runs in this process, with every option and where it was said. */
export interface JobsDescription {
  readonly root: string;
  /** Where Redis is, without a password. */
  readonly connection: string;
  readonly workers: readonly WorkerDescription[];
}

/** How one queue is worked. */
export interface WorkerDescription {
  readonly queue: string;
  /** All queues of its worker and their order, where `forRoot({ workers })` says that it shares one. */
  readonly shared: SharedDescription | undefined;
  /** Whether this process works on the queue at all: `work` decides. */
  readonly isWanted: boolean;
  readonly state: WorkerState;
  readonly options: EffectiveOptions;
  readonly handlers: readonly HandlerDescription[];
}

/** The queues of one worker. */
export interface SharedDescription {
  readonly queues: readonly { readonly name: string; readonly weight?: number | undefined }[];
  readonly order: QueueOrder;
}

/** One handler of a worker. */
export interface HandlerDescription {
  readonly job: string;
  /** `MailProcessor.welcome` */
  readonly method: string;
  /** Of the handler, and of its jobs where `add()` does not say otherwise. */
  readonly options: EffectiveOptions;
}

/** How a root is doing. */
export interface JobsHealth {
  readonly root: string;
  /** `degraded`: it works, but on an embedded Redis that nobody chose, or with a worker that is not well. */
  readonly status: 'up' | 'degraded' | 'down';
  readonly connection: { readonly description: string; readonly state: string; readonly embedded: boolean };
  /** By queue; those that share a worker show the same. */
  readonly workers: readonly { readonly queue: string; readonly health: WorkerHealth }[];
}
