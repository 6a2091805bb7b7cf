import { JOB_DEFAULTS, WORKER_DEFAULTS } from '@millrace/core/internal';

import type { DiscoveredHandler, DiscoveredProcessor } from '../interfaces/discovered.interface.js';
import type { EffectiveOptions } from '../interfaces/ladder.interface.js';
import type { HandlerPlan, WorkerPlan } from '../interfaces/plan.interface.js';
import type { QueueSettings } from '../interfaces/queue-options.interface.js';
import * as messages from '../jobs.messages.js';
import type { JobsRoot } from '../registration/jobs-root.js';
import type { SharedWorker } from '../registration/shared-workers.js';
import { WORKER_SETTINGS } from '../registration/worker-settings.js';
import type { Application, PlacedQueue } from './application.js';
import { labelOf } from './jobs.explorer.js';
import { climb, LIBRARY_DEFAULT, type Rung } from './option-ladder.js';

/** As an application would write them. */
const WORKER_LIBRARY = Object.freeze({
  ...pick(WORKER_DEFAULTS, WORKER_SETTINGS),
  concurrency: WORKER_DEFAULTS.concurrency.max,
});

/** A queue that is worked, and by whom. */
interface Place {
  readonly root: string;
  readonly queue: string;
  readonly processors: DiscoveredProcessor[];
}

/** How the queues of an application are worked: one plan a queue, for all processors of it, whatever this process works on. */
export function planWorkers({ discovery, queues, roots }: Application): WorkerPlan[] {
  const places = new Map<string, Place>();
  for (const processor of discovery.processors) {
    for (const queue of processor.queues) {
      const key = JSON.stringify([processor.root, queue]);
      const place = places.get(key) ?? { root: processor.root, queue, processors: [] };
      place.processors.push(processor);
      places.set(key, place);
    }
  }
  return [...places.values()].flatMap((place) => {
    const owner = roots.get(place.root);
    const declared = queues.filter(({ name, root }) => name === place.queue && root === place.root);
    return owner === undefined ? [] : [plan(owner, place, [...places.values()], declared)];
  });
}

/** The plans of one worker. */
export type PlansOfWorker = readonly [WorkerPlan, ...WorkerPlan[]];

/** Plans of one worker together; what shares none is alone. */
export function byWorker(plans: readonly WorkerPlan[]): PlansOfWorker[] {
  const together = new Map<object, [WorkerPlan, ...WorkerPlan[]]>();
  for (const plan of plans) {
    const others = together.get(plan.shared ?? plan);
    if (others === undefined) together.set(plan.shared ?? plan, [plan]);
    else others.push(plan);
  }
  return [...together.values()];
}

function plan(root: JobsRoot, place: Place, places: readonly Place[], declared: PlacedQueue[]): WorkerPlan {
  const { queue, processors } = place;
  const { handlers: ofHandlers } = root.options.processors[queue] ?? {};
  const configured = messages.forRoot(root.name, 'processors');
  const defaults = jobDefaults(root, declared);
  const shared = root.options.workers.find(({ queues }) => queues.some(({ name }) => name === queue));
  const sharers = places.filter(
    (one) => one.root === root.name && shared?.queues.some(({ name }) => name === one.queue),
  );
  const options = workerOptions(root, shared, shared === undefined ? [place] : sharers);
  const handlers = processors.flatMap((processor) => {
    return processor.handlers.map((handler) =>
      handlerPlan(
        processor,
        handler,
        [...defaults, ...agreed(declared, handler.jobName)],
        configured,
        ofHandlers?.[handler.jobName],
      ),
    );
  });
  const slot = declared.map(({ settings }) => (settings as QueueSettings).slot).find((said) => said !== undefined);
  return { root: root.name, queue, slot, shared, options, defaults: climb(defaults), handlers };
}

/** What holds for the worker of these places: the same for each of them. */
function workerOptions(root: JobsRoot, shared: SharedWorker | undefined, places: readonly Place[]): EffectiveOptions {
  const processors = new Set(places.flatMap((place) => place.processors));
  return climb([
    { from: LIBRARY_DEFAULT, said: WORKER_LIBRARY },
    { from: messages.forRoot(root.name, 'worker'), said: root.options.worker },
    ...[...processors].map(({ type, queues, settings }) => ({
      from: messages.processor(type.name, queues),
      said: settings,
    })),
    ...places.map(({ queue }) => {
      const { handlers: _, ...said } = root.options.processors[queue] ?? {};
      return { from: messages.forRoot(root.name, 'processors'), said };
    }),
    { from: messages.forRoot(root.name, 'workers'), said: shared?.settings },
  ]);
}

/** What jobs fall back on, weakest first. */
function jobDefaults(root: JobsRoot, declared: readonly PlacedQueue[]): Rung[] {
  return [
    { from: messages.forRoot(root.name, 'defaults'), said: root.options.defaults },
    ...declared.map(({ from, settings }) => ({ from, said: (settings as QueueSettings).defaults })),
  ];
}

/** The schema that a registration has for the jobs of this name. */
function agreed(declared: readonly PlacedQueue[], jobName: string): Rung[] {
  return declared.flatMap(({ from, settings }) => {
    const schema = (settings as QueueSettings).jobs?.[jobName]?.schema;
    return schema === undefined ? [] : [{ from, said: { schema } }];
  });
}

function handlerPlan(
  processor: DiscoveredProcessor,
  handler: DiscoveredHandler,
  defaults: readonly Rung[],
  configured: string,
  configuredSettings: object | undefined,
): HandlerPlan {
  const own: Rung[] = [
    { from: `@OnJob() ${labelOf(processor, handler.methodName)}`, said: handler.settings },
    { from: configured, said: configuredSettings },
  ];
  const options: EffectiveOptions = climb([{ from: LIBRARY_DEFAULT, said: JOB_DEFAULTS }, ...defaults, ...own]);
  return { ...handler, processor, own: climb(own), options };
}

function pick<T extends object, K extends keyof T>(from: T, names: readonly (K | string)[]): Partial<T> {
  return Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name))) as Partial<T>;
}
