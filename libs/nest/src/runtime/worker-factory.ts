import {
  SnoozeError,
  Worker,
  type BatchDefinition,
  type HandlerDefinition,
  type RunningBatch,
  type WorkerOptions,
} from '@millrace/core';

import { saidIn } from '../discovery/option-ladder.js';
import { schedulesOf } from '../discovery/schedule-plans.js';
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

  /** @throws InvalidOptionError */
  create(plan: WorkerPlan): Worker {
    const owners = new Map(plan.handlers.map((handler) => [handler.jobName, this.#ownerOf(handler.processor)]));
    const isLogged = (plan.options['logEvents']?.value ?? false) === false;
    const hooks = new HookDispatcher(this.#root.options.hooks, owners, loggerOf(this.#root), isLogged);
    const handlers = plan.handlers.map((handler) => [handler.jobName, this.#definition(handler, hooks)] as const);
    const options = { ...saidIn(plan.options), defaults: saidIn(plan.defaults) } as Partial<WorkerOptions>;
    return new Worker({
      ...options,
      connection: this.#root.connection,
      queues: { name: plan.queue, slot: plan.slot },
      handlers: Object.fromEntries(handlers),
      hooks: hooks.toWorkerHooks(),
      schedules: schedulesOf(plan).map(({ id }) => id),
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

  #ownerOf(processor: DiscoveredProcessor): HookOwner {
    return { className: processor.type.name, host: this.#hostOf(processor), hooks: processor.hooks };
  }

  #hostOf(processor: DiscoveredProcessor): ProcessorHost {
    const host = this.#hosts.get(processor) ?? new ProcessorHost(processor.wrapper);
    this.#hosts.set(processor, host);
    return host;
  }
}
