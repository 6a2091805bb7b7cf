import { sleep } from '../clock/index.js';
import { ClosedError, InvalidOptionError } from '../errors/index.js';
import {
  resolveWorkerOptions,
  type Logger,
  type ResolvedWorkerOptions,
  type WorkerOptions,
  type WorkerState,
  type ConsumerFacts,
  type HealthReport,
} from '../options/index.js';
import { QueueContext } from '../queue/queue-context.js';
import type { Connection } from '../redis/index.js';
import { StalledRun } from './buffer.js';
import { Consumer } from './consumer.js';
import { Glance } from './glance.js';
import { HealthCheck } from './health-check.js';
import { HookRunner } from './hook-runner.js';
import { JobLog } from './job-log.js';
import { KeeperHost, type KeeperPlace } from './keeper/keeper-host.js';
import { listen, stopListening, type Speaker } from './last-words.js';
import { Slots } from './slots.js';
import { Turns } from './turns.js';
import { WorkerContext } from './worker-context.js';
import { partOf } from './worker-part.js';

/** Queues that are opened at the same time. */
const START_AT_ONCE = 100;

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
  readonly #turns: Turns;
  readonly #log: JobLog | undefined;
  readonly #context: WorkerContext;
  readonly #check: HealthCheck;
  readonly #speaker: Speaker;
  readonly #ending = new AbortController();
  readonly #hurry = new AbortController();
  readonly #consumers: readonly Consumer[];
  #host: KeeperHost | undefined;
  #state: WorkerState = 'new';
  readonly #paused = new Set<Consumer>();
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  /** @throws InvalidOptionError, UnknownOptionError, InvalidNameError */
  constructor(options: WorkerOptions<Connection>) {
    const resolved = resolveWorkerOptions(options);
    this.#options = resolved;
    const { connection, concurrency, hooks, hookTimeoutMs, order, queues } = resolved;
    const { clock } = connection;
    this.#logger = connection.loggerFor(this.#options.logger);
    this.#slots = new Slots(concurrency, clock, this.#logger, () => this.#each((consumer) => consumer.wake()));
    this.#turns = new Turns(order, this.#slots, clock);
    const { logEvents } = resolved;
    this.#log = logEvents === false ? undefined : new JobLog(this.#logger, logEvents);
    this.#context = new WorkerContext(resolved.context, this.#logger);
    const keeper = (): KeeperHost => (this.#host ??= KeeperHost.acquire(connection, this.#options.lease.keeper));
    const shared = {
      slots: this.#slots,
      turns: this.#turns,
      glance: new Glance(clock),
      stalledRun: new StalledRun(),
      hooks: new HookRunner(hooks, hookTimeoutMs, clock, this.#logger),
      get keeper(): KeeperHost {
        return keeper();
      },
      logger: this.#logger,
      log: this.#log,
      workerContext: this.#context,
    };
    this.#consumers = queues.map((queue) => {
      const context = new QueueContext(queue.name, connection, queue.slot, resolved.logger);
      return new Consumer(context, shared, partOf(resolved, queue));
    });
    const state = (): WorkerState => this.#state;
    const subject = {
      connection,
      consumers: this.#consumers,
      get state(): WorkerState {
        return state();
      },
    };
    this.#check = new HealthCheck(subject, this.#options.health, this.#logger);
    this.#speaker = { logger: this.#logger, running: () => this.#consumers.flatMap(({ runner }) => runner.names()) };
  }

  get state(): WorkerState {
    return this.#state;
  }

  /**
   * Begins to take jobs. Resolves when every queue has been opened, and waits for Redis as long as that takes; calling it
   * twice is calling it once.
   *
   * @throws ClosedError after `stop()`, and when it is stopped meanwhile
   * @throws QueueMismatchError, UpgradeRequiredError when a queue cannot be worked by this worker
   */
  start(): Promise<void> {
    if (this.#stopping !== undefined) return Promise.reject(new ClosedError('The worker', 'start again'));
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /**
   * Takes no more jobs in this process, of one of its queues or of all; those that run go on, those that wait in it go back.
   * See `Queue.pause()` for all processes.
   *
   * @throws InvalidOptionError for a queue that it does not have
   */
  pause(queue?: string): void {
    this.#halt(true, queue);
  }

  /** Takes jobs again after `pause()`. @throws InvalidOptionError for a queue that it does not have */
  resume(queue?: string): void {
    this.#halt(false, queue);
  }

  /**
   * Stops: takes no more jobs, waits for those that run, aborts what is left after the timeout and gives it back to the
   * front of its queue, uncharged. Stopping twice is stopping once; a `timeoutMs` of a later call shortens the wait.
   *
   * @param options.timeoutMs how long to wait for running jobs; `shutdownTimeoutMs` by default
   */
  stop(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    if (this.#stopping === undefined) this.#stopping = this.#stop(options.timeoutMs ?? this.#options.shutdownTimeoutMs);
    else if (options.timeoutMs !== undefined) this.#hasten(options.timeoutMs);
    return this.#stopping;
  }

  /** Looks after itself once: whether Redis answers, its leases hold, and how far its queues are behind. Never rejects. */
  check(): Promise<HealthReport> {
    return this.#check.look();
  }

  /** How the worker is now. */
  health(): WorkerHealth {
    return { state: this.#state, keeper: this.#host?.place, queues: this.#consumers.map(({ facts }) => facts) };
  }

  get #isPaused(): boolean {
    return this.#paused.size === this.#consumers.length;
  }

  #halt(isPaused: boolean, queue: string | undefined): void {
    const meant = this.#select(queue, isPaused ? 'pause()' : 'resume()');
    if (this.#stopping !== undefined) return;
    const changed = meant.filter((consumer) => this.#paused.has(consumer) !== isPaused);
    for (const consumer of changed) {
      if (isPaused) this.#paused.add(consumer);
      else this.#paused.delete(consumer);
    }
    const state = this.#isPaused ? 'paused' : 'running';
    if ((this.#state === 'running' || this.#state === 'paused') && this.#state !== state) this.#become(state);
    for (const consumer of changed) consumer.halt(isPaused);
  }

  #select(queue: string | undefined, where: string): readonly Consumer[] {
    if (queue === undefined) return this.#consumers;
    const found = this.#consumers.filter(({ context }) => context.name === queue);
    if (found.length > 0) return found;
    const expected = `a queue of this worker: ${this.#consumers.map(({ context }) => context.name).join(', ')}`;
    throw new InvalidOptionError({ where: `worker.${where}`, path: 'queue', value: queue, expected });
  }

  async #start(): Promise<void> {
    this.#become('starting');
    try {
      await this.#waitAWhile();
      await this.#context.open();
      if (this.#stopping !== undefined) throw new ClosedError('The worker', 'start');
      await this.#startAll();
      this.#check.start();
      listen(this.#speaker);
      if (this.#state === 'starting') this.#become(this.#isPaused ? 'paused' : 'running');
    } catch (error) {
      await this.stop({ timeoutMs: 0 });
      throw error;
    }
  }

  /** Not all at once: ten thousand kept the event loop busy for longer than a socket waits for an answer. */
  async #startAll(): Promise<void> {
    const left = this.#consumers.values();
    const startSome = async (): Promise<void> => {
      for (const consumer of left) await consumer.start();
    };
    await Promise.all(Array.from({ length: START_AT_ONCE }, startSome));
  }

  async #stop(timeoutMs: number): Promise<void> {
    this.#become('stopping');
    this.#check.stop();
    this.#ending.abort();
    this.#each((consumer) => consumer.quiesce());
    await this.#drained(timeoutMs);
    const closings = this.#consumers.map((consumer) => consumer.close());
    // At the same time: where Redis is away, both wait for it.
    const [closed] = await Promise.all([Promise.allSettled(closings), this.#host?.release()]);
    for (const closing of closed) {
      if (closing.status === 'fulfilled') continue;
      const { message } = closing.reason as Error;
      this.#logger.warn(`A worker could not give its jobs back (${message}); they return when its lease ends.`);
    }
    stopListening(this.#speaker);
    this.#slots.close();
    this.#turns.close();
    await this.#context.close();
    this.#become('stopped');
  }

  /** Resolves when nothing runs any more, or after the time. */
  async #drained(timeoutMs: number): Promise<void> {
    const enough = new AbortController();
    const signal = AbortSignal.any([enough.signal, this.#hurry.signal]);
    const waited = sleep(this.#options.connection.clock, timeoutMs, { signal }).catch(() => {});
    await Promise.race([Promise.all(this.#consumers.map((consumer) => consumer.drained())), waited]);
    enough.abort();
  }

  /** Ends the waiting for what runs, after a time. */
  #hasten(timeoutMs: number): void {
    this.#options.connection.clock.setTimer(timeoutMs, () => this.#hurry.abort(), { unref: true });
  }

  /** So that many processes that start together do not ask for jobs together. */
  async #waitAWhile(): Promise<void> {
    const { startJitterMs, connection } = this.#options;
    if (startJitterMs === 0) return;
    const { signal } = this.#ending;
    await sleep(connection.clock, Math.random() * startJitterMs, { signal }).catch(() => {});
  }

  #become(state: WorkerState): void {
    const before = this.#state;
    this.#state = state;
    this.#check.became(state, before);
    this.#log?.note('worker.state', `The worker is ${state}.`, { state, before });
  }

  #each(act: (consumer: Consumer) => void): void {
    for (const consumer of this.#consumers) act(consumer);
  }
}
