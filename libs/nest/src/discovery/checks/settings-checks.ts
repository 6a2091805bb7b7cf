import { closestName } from '@millrace/core/internal';

import { toProblem, type BootProblem } from '../../errors/jobs-boot.error.js';
import type { DiscoveredProcessor } from '../../interfaces/discovered.interface.js';
import type { WorkerPlan } from '../../interfaces/plan.interface.js';
import * as messages from '../../jobs.messages.js';
import type { JobsRoot } from '../../registration/jobs-root.js';
import { namedQueues, OPTION } from '../../registration/work-choice.js';
import { checkHandlerSettings, checkWorkerSettings } from '../../registration/worker-settings.js';
import type { Application } from '../application.js';
import { isSame, show } from '../compare.js';
import { labelOf } from '../jobs.explorer.js';
import { byWorker, type PlansOfWorker } from '../worker-plans.js';

/** Options in decorators that no worker or handler has, and processors of one queue that want different workers. */
export function* checkSettings(
  { discovery, roots }: Application,
  plans: readonly WorkerPlan[],
): Generator<BootProblem> {
  for (const processor of discovery.processors) yield* settingsOf(processor);
  for (const together of byWorker(plans)) yield* contradictions(together, roots.get(together[0].root)!);
}

/** What `forRoot()` says of queues and jobs that no processor has. Only known once every provider was made. */
export function* checkConfigured(
  { roots, isComplete }: Application,
  plans: readonly WorkerPlan[],
): Generator<BootProblem> {
  if (!isComplete) return;
  for (const root of roots.values()) {
    const ofRoot = plans.filter(({ root: name }) => name === root.name);
    yield* unknownProcessors(root, ofRoot);
    yield* unknownShared(root, ofRoot);
    if (root.options.work.source !== OPTION) continue;
    const known = ofRoot.map(({ queue }) => queue);
    for (const queue of namedQueues(root.options.work).filter((name) => !known.includes(name))) {
      const message = messages.unknownWorkQueue(
        queue,
        messages.forRoot(root.name, 'work'),
        known,
        closestName(queue, known),
      );
      yield { code: 'UNKNOWN_QUEUE', message };
    }
  }
}

/** Queues in JOBS_WORK that no root has: one variable may serve several applications, so that is no fault. */
export function* suspectWork({ roots }: Application, plans: readonly WorkerPlan[]): Generator<string> {
  const known = plans.map(({ queue }) => queue);
  for (const { options } of roots.values()) {
    if (options.work.source === OPTION) continue;
    for (const queue of namedQueues(options.work).filter((name) => !known.includes(name))) {
      yield messages.unknownWorkQueue(queue, options.work.source, known, closestName(queue, known));
    }
  }
}

function* settingsOf({ type, queues, settings, handlers }: DiscoveredProcessor): Generator<BootProblem> {
  yield* attempt(() => checkWorkerSettings(settings, '', messages.processor(type.name, queues)));
  for (const handler of handlers) {
    yield* attempt(() =>
      checkHandlerSettings(handler.settings, '', `@OnJob() ${labelOf({ type }, handler.methodName)}`),
    );
  }
}

function* attempt(check: () => unknown): Generator<BootProblem> {
  try {
    check();
  } catch (error) {
    yield toProblem(error);
  }
}

/** Who wants what of a worker. */
interface Wish {
  readonly who: string;
  readonly settings: object;
}

/** What a stronger place says of a worker, weaker ones need not agree on; those of one strength have to. */
function* contradictions(plans: PlansOfWorker, root: JobsRoot): Generator<BootProblem> {
  const processors = new Set(plans.flatMap(({ handlers }) => handlers.map(({ processor }) => processor)));
  const settled = Object.keys(plans[0].shared?.settings ?? {});
  const queues = plans.map(({ queue }) => queue);
  const ofClasses = [...processors].map(({ type, settings }) => ({ who: type.name, settings }));
  yield* unequal(queues, ofClasses, settled);
  const configured = queues.map((queue) => {
    const { handlers: _, ...settings } = root.options.processors[queue] ?? {};
    return { who: messages.forRoot(root.name, `processors: { ${queue} }`), settings };
  });
  yield* unequal(queues, configured, settled);
}

function* unequal(
  queues: readonly string[],
  wishes: readonly Wish[],
  settled: readonly string[],
): Generator<BootProblem> {
  for (const [index, first] of wishes.entries()) {
    for (const second of wishes.slice(index + 1)) {
      const other = second.settings as Record<string, unknown>;
      for (const [option, value] of Object.entries(first.settings) as [string, unknown][]) {
        if (settled.includes(option) || value === undefined || other[option] === undefined) continue;
        if (isSame(value, other[option])) continue;
        const [a, b] = [`${show(value)} (${first.who})`, `${show(other[option])} (${second.who})`];
        yield { code: 'INVALID_OPTION', message: messages.unequalWorkerOptions(option, queues, a, b) };
      }
    }
  }
}

function* unknownShared({ name, options }: JobsRoot, plans: readonly WorkerPlan[]): Generator<BootProblem> {
  const known = plans.map(({ queue }) => queue);
  for (const { name: queue } of options.workers.flatMap(({ queues }) => queues)) {
    if (known.includes(queue)) continue;
    yield { code: 'UNKNOWN_QUEUE', message: messages.unknownSharedQueue(queue, name, closestName(queue, known)) };
  }
}

function* unknownProcessors({ name, options }: JobsRoot, plans: readonly WorkerPlan[]): Generator<BootProblem> {
  const queues = plans.map(({ queue }) => queue);
  for (const [queue, { handlers }] of Object.entries(options.processors)) {
    const plan = plans.find((one) => one.queue === queue);
    if (plan === undefined) {
      yield { code: 'UNKNOWN_QUEUE', message: messages.unknownProcessorQueue(queue, name, closestName(queue, queues)) };
      continue;
    }
    const jobs = plan.handlers.map(({ jobName }) => jobName);
    for (const job of Object.keys(handlers ?? {}).filter((one) => !jobs.includes(one))) {
      yield { code: 'NO_HANDLER', message: messages.unknownProcessorHandler(job, queue, name, closestName(job, jobs)) };
    }
  }
}
