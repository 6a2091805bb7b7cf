import { hostname } from 'node:os';

import { sleep } from '../clock/index.js';
import { ClosedError, JobsError } from '../errors/index.js';
import { resolveWorkerOptions, type Logger, type ResolvedWorkerOptions, type WorkerOptions } from '../options/index.js';
import { QueueContext } from '../queue/queue-context.js';
import type { Connection } from '../redis/index.js';
import { Consumer, type ConsumerFacts } from './consumer.js';
import { PROTOCOL_VERSION } from './epoch.js';
import { HookRunner } from './hook-runner.js';
import { KeeperHost, type KeeperPlace } from './keeper/keeper-host.js';
import { Slots } from './slots.js';

/** What a worker is doing. */
export type WorkerState = 'new' | 'starting' | 'running' | 'paused' | 'stopping' | 'stopped';

/** How a worker is, from its own point of view. */
export interface WorkerHealth {
  readonly state: WorkerState;
  /** Where its leases are kept. */
  readonly keeper: KeeperPlace | undefined;
  readonly queues: readonly ConsumerFacts[];
}

/**
 * Runs the jobs of one queue or several. Start it once; stop it once.
 *
 * @example
 * const worker = new Worker({ connection, queues: 'mail', handlers: { welcome: async (job) => send(job.data) } });
 * await worker.start();
 */
export class Worker {
  readonly #options: ResolvedWorkerOptions<Connection>;
  readonly #logger: Logger;
  readonly #slots: Slots;
  readonly #consumers: readonly Consumer[];
  readonly #keeper: () => KeeperHost;
  #host: KeeperHost | undefined;
  #state: WorkerState = 'new';
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  /** @throws InvalidOptionError, UnknownOptionError, InvalidNameError */
  constructor(options: WorkerOptions<Connection>) {
    this.#options = resolveWorkerOptions(options);
    const { connection, concurrency, hooks, hookTimeoutMs, handlers, name, queues } = this.#options;
    const { clock } = connection;
    this.#logger = this.#options.logger ?? connection.logger;
    this.#slots = new Slots(concurrency, clock, this.#logger, () => this.#each((consumer) => consumer.wake()));
    this.#keeper = () => (this.#host ??= KeeperHost.acquire(connection, this.#options.lease.keeper));
    const keeper = this.#keeper;
    const shared = {
      options: this.#options,
      slots: this.#slots,
      hooks: new HookRunner(hooks, hookTimeoutMs, clock, this.#logger),
      get keeper(): KeeperHost {
        return keeper();
      },
      logger: this.#logger,
      info: JSON.stringify({
        name: name ?? `${hostname()}:${process.pid}`,
        host: hostname(),
        pid: process.pid,
        protocol: PROTOCOL_VERSION,
        names: [...handlers.keys()],
        concurrency: concurrency.max === Infinity ? 'unlimited' : concurrency.max,
      }),
      onFree: () => this.#each((consumer) => consumer.pump()),
    };
    this.#consumers = queues.map(
      (queue) => new Consumer(new QueueContext(queue.name, connection, queue.slot, this.#options.logger), shared),
    );
  }

  get state(): WorkerState {
    return this.#state;
  }

  /**
   * Begins to take jobs. Resolves when every queue has been opened; calling it twice is calling it once.
   *
   * @throws ClosedError after `stop()`
   * @throws QueueMismatchError, UpgradeRequiredError when a queue cannot be worked by this worker
   */
  start(): Promise<void> {
    if (this.#stopping !== undefined) return Promise.reject(new ClosedError('The worker', 'start again'));
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /** Takes no more jobs in this process; those that run go on, those that wait in it go back. See `Queue.pause()` for all processes. */
  pause(): void {
    if (this.#state !== 'running') return;
    this.#state = 'paused';
    this.#each((consumer) => consumer.halt(true));
  }

  /** Takes jobs again after `pause()`. */
  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    this.#each((consumer) => consumer.halt(false));
  }

  /**
   * Stops: takes no more jobs, waits for those that run, aborts what is left after the timeout and gives it back to the
   * front of its queue, uncharged. Stopping twice is stopping once.
   *
   * @param options.timeoutMs how long to wait for running jobs; `shutdownTimeoutMs` by default
   */
  stop(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#stopping ??= this.#stop(options.timeoutMs ?? this.#options.shutdownTimeoutMs);
    return this.#stopping;
  }

  /** How the worker is now. */
  health(): WorkerHealth {
    return { state: this.#state, keeper: this.#host?.place, queues: this.#consumers.map(({ facts }) => facts) };
  }

  async #start(): Promise<void> {
    this.#state = 'starting';
    try {
      await Promise.all(this.#consumers.map((consumer) => consumer.start()));
      if (this.#state === 'starting') this.#state = 'running';
    } catch (error) {
      if (this.#stopping === undefined) await this.stop({ timeoutMs: 0 });
      throw error;
    }
  }

  async #stop(timeoutMs: number): Promise<void> {
    const wasStarted = this.#starting !== undefined;
    this.#state = 'stopping';
    this.#each((consumer) => consumer.quiesce());
    const { clock } = this.#options.connection;
    if (wasStarted) {
      const enough = new AbortController();
      const drained = Promise.all(this.#consumers.map((consumer) => consumer.drained()));
      const waited = sleep(clock, timeoutMs, { signal: enough.signal }).catch(() => {});
      await Promise.race([drained, waited]);
      enough.abort();
    }
    const closings = this.#consumers.map((consumer) => consumer.close());
    for (const closing of await Promise.allSettled(closings)) {
      if (closing.status === 'rejected' && JobsError.is(closing.reason)) {
        this.#logger.warn(`A worker could not give its jobs back (${closing.reason.message}); they return when its lease ends.`);
      }
    }
    this.#slots.close();
    await this.#host?.release();
    this.#state = 'stopped';
  }

  #each(act: (consumer: Consumer) => void): void {
    for (const consumer of this.#consumers) act(consumer);
  }
}
