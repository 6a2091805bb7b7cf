import type { DiscoveredHandler, DiscoveredProcessor } from './discovered.interface.js';
import type { EffectiveOptions } from './ladder.interface.js';

/** The one worker that a queue has in this process, as it is to be made. */
export interface WorkerPlan {
  readonly root: string;
  readonly queue: string;
  readonly slot: string | undefined;
  /** What holds for the worker itself. */
  readonly options: EffectiveOptions;
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
