import type { DiscoveredHandler, DiscoveredProcessor } from './discovered.interface.js';
import type { SharedWorker } from '../registration/shared-workers.js';
import type { EffectiveOptions } from './ladder.interface.js';

/** How a queue is worked in this process: by a worker of its own, or by one that it shares. */
export interface WorkerPlan {
  readonly root: string;
  readonly queue: string;
  readonly slot: string | undefined;
  /** What holds for the worker itself. */
  readonly options: EffectiveOptions;
  /** The worker that it shares with other queues: the same object for each of them. */
  readonly shared: SharedWorker | undefined;
  /** What its jobs fall back on. */
  readonly defaults: EffectiveOptions;
  readonly handlers: readonly HandlerPlan[];
}

/** One handler of a worker. */
export interface HandlerPlan extends DiscoveredHandler {
  readonly processor: DiscoveredProcessor;
  /** What `@OnJob()` and `forRoot({ processors })` say. */
  readonly own: EffectiveOptions;
  /** What holds for the handler and for its jobs, defaults included, where `add()` does not say otherwise. */
  readonly options: EffectiveOptions;
}
