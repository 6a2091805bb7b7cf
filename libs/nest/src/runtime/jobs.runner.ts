import { ClosedError, type ActiveJob, type Worker } from '@millrace/core';

import { labelOf } from '../discovery/jobs.explorer.js';
import { byWorker, type PlansOfWorker } from '../discovery/worker-plans.js';
import type { JobsDescription, JobsHealth, WorkerDescription } from '../interfaces/description.interface.js';
import type { WorkerPlan } from '../interfaces/plan.interface.js';
import { noHandlerFor, noProcessorFor } from '../jobs.messages.js';
import type { JobsRoot } from '../registration/jobs-root.js';
import { worksOn } from '../registration/work-choice.js';
import { RecurringSchedules } from './recurring-schedules.js';
import { healthOf } from './health.js';

/** What a runner learns of the application once all of it was made. */
export interface RunnerParts {
  readonly plans: readonly WorkerPlan[];
  readonly create: (plans: PlansOfWorker) => Worker;
  /** What runs the jobs of one name: one job, or those of a batch. */
  readonly handler: (plan: WorkerPlan, jobName: string) => RunsJobs | undefined;
}

/** Runs one job, or the jobs of a batch, within all that stands around its handler. */
export type RunsJobs = (jobs: readonly ActiveJob[]) => Promise<unknown>;

/**
 * The workers of a root in this process. They start and stop with the application; with `autoStart: false` they start
 * when {@link start} is called.
 */
export class JobsRunner {
  readonly #root: JobsRoot;
  readonly #prepare: () => Promise<RunnerParts>;
  readonly #workers = new Map<string, Worker>();
  readonly #schedules: RecurringSchedules;
  #starting: Promise<void> | undefined;
  #draining: Promise<void> | undefined;

  /** @internal */
  constructor(root: JobsRoot, prepare: () => Promise<RunnerParts>) {
    this.#root = root;
    this.#prepare = prepare;
    this.#schedules = new RecurringSchedules(root);
  }

  /**
   * Starts the workers of the queues that this process works on. Starting twice is starting once.
   *
   * @throws ClosedError after {@link drain}; what `Worker.start()` throws
   */
  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /** Stops taking jobs, of one queue or of all; running ones go on. In this process: `queue.pause()` is for all. */
  pause(queue?: string): void {
    for (const worker of this.#select(queue)) worker.pause(queue);
  }

  /** Takes jobs again, of one queue or of all. */
  resume(queue?: string): void {
    for (const worker of this.#select(queue)) worker.resume(queue);
  }

  /**
   * Stops the workers: they take no more jobs, wait for the running ones up to `shutdownTimeoutMs`, then abort them and
   * give them back. Safe when nothing was started; draining twice is draining once.
   *
   * @param options.timeoutMs how long to wait in place of `shutdownTimeoutMs`; of a later call it shortens the wait
   */
  drain(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    if (this.#draining === undefined) this.#draining = this.#drain(options);
    else if (options.timeoutMs !== undefined) void this.#stop(options);
    return this.#draining;
  }

  /**
   * A worker for a queue as the application runs it, not started: whoever asks starts and stops it. For tests.
   *
   * @throws TypeError when no processor works on the queue
   */
  async worker(queue: string): Promise<Worker> {
    const { plans, create } = await this.#prepare();
    return create([planOf(plans, queue)]);
  }

  /**
   * What runs the jobs of a name, without a queue. For tests.
   *
   * @throws TypeError when no processor handles them
   */
  async handler(queue: string, jobName: string): Promise<RunsJobs> {
    const { plans, handler } = await this.#prepare();
    const found = handler(planOf(plans, queue), jobName);
    if (found === undefined) throw new TypeError(noHandlerFor(jobName, queue));
    return found;
  }

  /** Declares the schedules of all handlers, as workers do when they start. For tests, which have none that runs by itself. */
  async declareSchedules(): Promise<void> {
    const { plans } = await this.#prepare();
    await this.#schedules.declare(plans);
  }

  /** Every worker and handler of the root, with the options that hold and where each was said. */
  async describe(): Promise<JobsDescription> {
    const { plans } = await this.#prepare();
    const { name, connection } = this.#root;
    return { root: name, connection: connection.description, workers: plans.map((plan) => this.#describe(plan)) };
  }

  /** How connection and workers are doing. */
  health(): JobsHealth {
    return healthOf(this.#root, this.#workers);
  }

  async #start(): Promise<void> {
    if (this.#draining !== undefined) throw new ClosedError('JobsRunner', 'start');
    const { plans, create } = await this.#prepare();
    const wanted = plans.filter(({ queue }) => worksOn(this.#root.options.work, queue));
    for (const together of byWorker(wanted)) {
      const worker = create(together);
      for (const { queue } of together) this.#workers.set(queue, worker);
    }
    await Promise.all(this.#select().map((worker) => worker.start()));
    const own = plans.filter(({ queue }) => this.#workers.has(queue));
    await this.#schedules.start(own);
  }

  async #drain(options: { readonly timeoutMs?: number }): Promise<void> {
    // A start that is under way would leave workers behind that nobody stops.
    await this.#starting?.catch(() => undefined);
    this.#schedules.stop();
    await this.#stop(options);
  }

  async #stop(options: { readonly timeoutMs?: number }): Promise<void> {
    await Promise.all(this.#select().map((worker) => worker.stop(options)));
  }

  #select(queue?: string): Worker[] {
    const workers = [...this.#workers].filter(([name]) => queue === undefined || name === queue);
    return [...new Set(workers.map(([, worker]) => worker))];
  }

  #describe({ queue, shared, options, handlers }: WorkerPlan): WorkerDescription {
    return {
      queue,
      shared: shared === undefined ? undefined : { queues: shared.queues, order: shared.order },
      isWanted: worksOn(this.#root.options.work, queue),
      state: this.#workers.get(queue)?.state ?? 'new',
      options,
      handlers: handlers.map(({ jobName, processor, methodName, options: ofHandler }) => {
        return { job: jobName, method: labelOf(processor, methodName), options: ofHandler };
      }),
    };
  }
}

function planOf(plans: readonly WorkerPlan[], queue: string): WorkerPlan {
  const plan = plans.find((one) => one.queue === queue);
  if (plan === undefined) throw new TypeError(noProcessorFor(queue));
  return plan;
}
