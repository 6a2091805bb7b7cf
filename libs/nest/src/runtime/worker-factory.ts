import {
  SnoozeError,
  Worker,
  type BatchDefinition,
  type HandlerDefinition,
  type RunningBatch,
  type WorkerOptions,
  type WorkQueue,
} from '@millrace/core';

import { saidIn } from '../discovery/option-ladder.js';
import { schedulesOf } from '../discovery/schedule-plans.js';
import type { PlansOfWorker } from '../discovery/worker-plans.js';
import { HandlerInvoker, type Surroundings } from '../invocation/handler-invoker.js';
import { jobsIn, type JobSubject } from '../invocation/job-subject.js';
import { HookDispatcher, type HookOwner } from '../invocation/hook-dispatcher.js';
import { ProcessorHost } from '../invocation/processor-host.js';
import type { DiscoveredProcessor } from '../interfaces/discovered.interface.js';
import type { HandlerPlan, WorkerPlan } from '../interfaces/plan.interface.js';
import type { HandlerSettings } from '../interfaces/worker-settings.interface.js';
import { snoozed } from '../jobs.messages.js';
import { CATCH_ALL } from '../jobs.constants.js';
import type { JobsRoot } from '../registration/jobs-root.js';
import { loggerOf } from './jobs.logger.js';
import type { RunsJobs } from './jobs.runner.js';

/** Makes the workers of a root as they were planned. */
export class WorkerFactory {
  readonly #root: JobsRoot;
  readonly #surroundings: Surroundings;
  readonly #onJob: () => void;
  readonly #hosts = new Map<DiscoveredProcessor, ProcessorHost>();

  /** @param onJob called as each job starts */
  constructor(root: JobsRoot, surroundings: Surroundings, onJob: () => void) {
    this.#root = root;
    this.#surroundings = surroundings;
    this.#onJob = onJob;
  }

  /**
   * One worker for one queue, or for queues that share it.
   *
   * @throws InvalidOptionError
   */
  create(plans: PlansOfWorker): Worker {
    const [{ shared, options }] = plans;
    const owners = new Map(plans.map(({ queue, handlers }) => [queue, this.#ownersIn(handlers)]));
    const isLogged = (options['logEvents']?.value ?? false) === false;
    const hooks = new HookDispatcher(this.#root.options.hooks, owners, loggerOf(this.#root), isLogged);
    const ranks = shared?.queues.map(({ name }) => name) ?? [];
    const ordered = [...plans].sort((a, b) => ranks.indexOf(a.queue) - ranks.indexOf(b.queue));
    return new Worker({
      ...(saidIn(options) as Partial<WorkerOptions>),
      connection: this.#root.connection,
      queues: ordered.map((plan) => this.#queue(plan, hooks)),
      order: shared?.order,
      hooks: hooks.toWorkerHooks(),
      middleware: this.#root.runMiddleware,
      logger: loggerOf(this.#root),
    });
  }

  /** What runs the jobs of a name, or `undefined` if no handler takes them. */
  handler(plan: WorkerPlan, jobName: string): RunsJobs | undefined {
    const named = (name: string): HandlerPlan | undefined => plan.handlers.find((handler) => handler.jobName === name);
    const found = named(jobName) ?? named(CATCH_ALL);
    if (found === undefined) return undefined;
    const invoker = new HandlerInvoker(this.#hostOf(found.processor), found.methodName, this.#surroundings);
    return (jobs) => (found.isBatch ? invoker.run(jobs, { signal: jobs[0]!.signal }) : invoker.run(jobs[0]!));
  }

  #queue({ queue, slot, shared, defaults, handlers }: WorkerPlan, hooks: HookDispatcher): WorkQueue {
    const definitions = handlers.map((handler) => [handler.jobName, this.#definition(handler, hooks)] as const);
    return {
      ...{ name: queue, slot, weight: shared?.queues.find(({ name }) => name === queue)?.weight },
      handlers: Object.fromEntries(definitions),
      defaults: saidIn(defaults),
      schedules: schedulesOf({ queue, handlers }).map(({ id }) => id),
    };
  }

  #definition(
    { own, processor, methodName, isBatch }: HandlerPlan,
    hooks: HookDispatcher,
  ): HandlerDefinition | BatchDefinition {
    const host = this.#hostOf(processor);
    const invoker = new HandlerInvoker(host, methodName, this.#surroundings);
    const snooze = (error: unknown, subject: JobSubject): never => {
      if (SnoozeError.is(error)) {
        for (const { queue, id } of jobsIn(subject))
          loggerOf(this.#root).debug(snoozed(`${queue}/${id}`, error.delayMs));
      }
      throw error;
    };
    const runScoped = async (subject: JobSubject, batch?: RunningBatch): Promise<unknown> => {
      await host.forRuns(subject);
      for (const job of jobsIn(subject)) await hooks.startScoped(job);
      return invoker.run(subject, batch);
    };
    const run = (subject: JobSubject, batch?: RunningBatch): Promise<unknown> => {
      this.#onJob();
      const result = host.isStatic ? invoker.run(subject, batch) : runScoped(subject, batch);
      return result.catch((error: unknown) => snooze(error, subject));
    };
    const { batch, ...settings } = saidIn(own) as HandlerSettings;
    return isBatch ? { ...settings, batch: { ...batch, run } } : { ...settings, run: (job) => run(job) };
  }

  #ownersIn(handlers: readonly HandlerPlan[]): ReadonlyMap<string, HookOwner> {
    return new Map(handlers.map(({ jobName, processor }) => [jobName, this.#ownerOf(processor)]));
  }

  #ownerOf(processor: DiscoveredProcessor): HookOwner {
    return { className: processor.type.name, host: this.#hostOf(processor), hooks: processor.hooks };
  }

  #hostOf(processor: DiscoveredProcessor): ProcessorHost {
    const host = this.#hosts.get(processor) ?? new ProcessorHost(processor.wrapper);
    this.#hosts.set(processor, host);
    return host;
  }
}
