import type { WorkerHealth, WorkerOptions } from '@millrace/core';

/** What a worker process of a test works with. */
export interface ProcessSettings extends Pick<WorkerOptions, 'name' | 'lease' | 'concurrency' | 'prefetch'> {
  readonly url: string;
  readonly prefix: string;
  /** The folder of the history. */
  readonly folder: string;
  readonly commandTimeoutMs?: number;
  /** Options of Node. */
  readonly execArgv?: readonly string[];
  /** Writes down that a success was accepted. A job keeps its slot for that. Default false. */
  readonly hearsOfSuccess?: boolean;
}

/** What a worker process is told. */
export type Order =
  | { readonly type: 'work'; readonly queue: string }
  /** Ends the handlers `hold` that wait, and those that come. */
  | { readonly type: 'release' }
  | { readonly type: 'health' }
  /** Ends the lease keeper's thread: at once, or by a message on which it crashes. */
  | { readonly type: 'end-keeper'; readonly how: 'terminate' | 'crash' };

/** How a worker process is, with its one queue. */
export type ProcessHealth = Pick<WorkerHealth, 'keeper'> &
  Pick<WorkerHealth['queues'][number], 'epoch' | 'running' | 'buffered' | 'zombies'>;

/** What a worker process says. */
export type Answer =
  | { readonly type: 'ready' }
  | { readonly type: 'working'; readonly queue: string }
  | { readonly type: 'logged'; readonly message: string }
  | ({ readonly type: 'health' } & ProcessHealth);
