import type { Clock } from '../clock/index.js';
import { AbortedError } from '../errors/index.js';
import type { ConsumerFacts, Logger, ResolvedLeaseOptions, ResolvedWorkerOptions } from '../options/index.js';
import { isPausedBy } from '../queue/pausing.js';
import type { QueueContext } from '../queue/queue-context.js';
import type { Connection } from '../redis/index.js';
import { Appetite } from './appetite.js';
import { BatchRunner } from './batch-runner.js';
import type { StalledRun } from './buffer.js';
import type { PendingEnd } from './end-queue.js';
import { GIVE_BACK, type Ending } from './ending.js';
import type { CallSlot, Epoch } from './epoch.js';
import { Exchanger, type Answer } from './exchanger.js';
import { Gathering } from './gathering.js';
import type { Glance } from './glance.js';
import type { Hold } from './hold.js';
import type { HookRunner } from './hook-runner.js';
import type { JobLog } from './job-log.js';
import type { KeeperHost } from './keeper/keeper-host.js';
import { News } from './news.js';
import { tellOfStalled } from './obituary.js';
import { Outcomes } from './outcomes.js';
import type { Sharer } from './precedence.js';
import { Prefetch } from './prefetch.js';
import { QueueState } from './queue-state.js';
import { Reporter } from './reporter.js';
import type { Run } from './run.js';
import { Runner } from './runner.js';
import { ScheduleFirer } from './schedule-firer.js';
import type { Slots } from './slots.js';
import { Starter } from './starter.js';
import { Stock } from './stock.js';
import { Tally } from './tally.js';
import { Tenure, type Opened } from './tenure.js';
import type { Turns } from './turns.js';
import { Upkeep } from './upkeep.js';
import { keepersDelayMs, Verdict } from './verdict.js';
import type { WorkerContext } from './worker-context.js';
import type { WorkerPart } from './worker-part.js';

/** What the consumers of one worker share. */
export interface ConsumerShared {
  readonly slots: Slots;
  readonly turns: Turns;
  readonly glance: Glance;
  readonly stalledRun: StalledRun;
  readonly hooks: HookRunner;
  readonly keeper: KeeperHost;
  readonly logger: Logger;
  readonly log: JobLog | undefined;
  readonly workerContext: WorkerContext;
}

/** Jobs taken ahead that have waited so long may start sooner in another worker. */
const STALE_MS = 1_000;

/**
 * Works one queue for a worker. It joins parts each of which knows only what it asks for: epochs come and go (tenure), jobs
 * are leased and ends handed in (exchanger), started (starter), run (runner), and what becomes of them is told (outcomes).
 */
export class Consumer implements Sharer {
  readonly context: QueueContext;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly options: ResolvedWorkerOptions<Connection>;
  readonly hooks: HookRunner;
  readonly slots: Slots;
  readonly glance: Glance;
  readonly info: string;
  readonly pace: number;
  readonly log: JobLog | undefined;
  readonly workerContext: WorkerContext;
  readonly state = new QueueState();
  readonly verdict: Verdict;
  readonly reporter: Reporter;
  readonly stock: Stock;
  readonly runner: Runner;
  readonly news: News;
  readonly tally: Tally;
  readonly batches: BatchRunner;
  readonly outcomes: Outcomes;
  readonly #shared: ConsumerShared;
  readonly prefetch: Prefetch;
  readonly #appetite: Appetite;
  readonly #tenure: Tenure;
  readonly #exchanger: Exchanger;
  readonly #gathering: Gathering;
  readonly #starter: Starter;
  readonly #upkeep: Upkeep;
  readonly #firer: ScheduleFirer;
  readonly #waiters: (() => void)[] = [];
  #isHalted = false;
  #isStopping = false;

  constructor(context: QueueContext, shared: ConsumerShared, part: WorkerPart) {
    const { slots, hooks, logger } = shared;
    const { options } = part;
    this.context = context;
    this.clock = context.clock;
    this.logger = logger;
    this.options = options;
    this.hooks = hooks;
    this.slots = slots;
    this.glance = shared.glance;
    this.info = part.info;
    this.pace = part.pace;
    this.log = shared.log;
    this.workerContext = shared.workerContext;
    this.#shared = shared;
    this.verdict = new Verdict(options, logger, context.connection.redaction);
    this.reporter = new Reporter(hooks, () => this.clock.now());
    this.prefetch = new Prefetch(slots.max, part.of, options.prefetch);
    const size = { running: slots.max, ahead: this.prefetch.cap };
    this.stock = new Stock(this.clock, options.handlers, shared.stalledRun, size);
    this.#appetite = new Appetite({ slots, prefetch: this.prefetch, stock: this.stock, state: this.state });
    this.runner = new Runner(this);
    this.news = new News(this);
    this.tally = new Tally(this);
    this.#tenure = new Tenure(this);
    this.#exchanger = new Exchanger(this);
    this.batches = new BatchRunner(this);
    this.#gathering = new Gathering(this);
    this.#starter = new Starter(this);
    this.outcomes = new Outcomes(this);
    this.#upkeep = new Upkeep(this);
    this.#firer = new ScheduleFirer(this);
    shared.turns.add(this, part.weight);
  }

  get facts(): ConsumerFacts {
    return {
      queue: this.context.name,
      epoch: this.epoch?.id,
      running: this.runner.count,
      buffered: this.stock.buffer.size,
      zombies: this.runner.zombies,
      ...this.#exchanger.facts,
    };
  }

  get epoch(): Epoch | undefined {
    return this.#tenure.epoch;
  }

  get keeper(): KeeperHost {
    return this.#shared.keeper;
  }

  get lease(): ResolvedLeaseOptions {
    return this.options.lease;
  }

  /** Nothing may start: the queue is paused, or the worker stops. */
  get mustGiveBack(): boolean {
    return this.#isStopping || this.#isHalted || this.state.isPaused;
  }

  /** Opens an epoch and begins to take jobs. Rejects when the queue cannot be worked. */
  async start(): Promise<void> {
    await this.#tenure.begin();
    this.#upkeep.start();
    this.context.connection.arrivals.on(this.context.base, this.#exchanger);
  }

  /** Stops taking jobs, or goes on, in this process only. */
  halt(isHalted: boolean): void {
    this.#isHalted = isHalted;
    if (isHalted) this.giveBackBuffered();
    else this.wake();
  }

  /** Takes no more jobs, and gives back those that have not started. */
  quiesce(): void {
    this.#isStopping = true;
    this.context.connection.arrivals.off(this.context.base, this.#exchanger);
    this.#upkeep.stop();
    this.#firer.stop();
    this.giveBackBuffered();
  }

  /** Resolves when nothing runs, hooks have been told, and all ends are answered. */
  async drained(): Promise<void> {
    while (this.runner.count > 0 || this.#starter.suspects.size > 0 || !this.outcomes.isIdle) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  /** Aborts what still runs, gives it back uncharged, and closes the epoch. */
  async close(): Promise<void> {
    const { name } = this.context;
    for (const run of [...this.runner.runs]) {
      this.logger.warn(
        `Job ${name}/${run.hold.id} (${run.job.name}) still ran when shutdownTimeoutMs was over: it goes back to the front of its queue, and this attempt is not counted.`,
      );
      this.runner.abandon(run, new AbortedError(name, run.hold.id));
    }
    this.#exchanger.close();
    await this.tally.stop();
    await this.#tenure.end().finally(() => this.context.close());
  }

  /** How many more jobs could be asked for; see {@link Turns}. */
  get room(): number {
    const { asked } = this.#exchanger;
    if (this.mustGiveBack || this.#appetite.room(asked, 0) === 0) return 0;
    return this.#appetite.room(asked, this.#shared.turns.reservedFrom(this));
  }

  get capacity(): number {
    return this.#appetite.capacity;
  }

  get claims(): number {
    return this.#appetite.claims(this.#exchanger.expected);
  }

  get isHungry(): boolean {
    return this.#mayAsk && this.#appetite.room(this.#exchanger.asked, 0) > 0;
  }

  get isAwaited(): boolean {
    return this.#mayAsk && (this.#exchanger.asked > 0 || this.#appetite.room(0, 0) > 0);
  }

  get isIdle(): boolean {
    return this.stock.buffer.size === 0 && !this.#mayAsk;
  }

  get isAsleep(): boolean {
    return this.#exchanger.isAtRest && this.stock.table.isEmpty;
  }

  get isReady(): boolean {
    return this.#starter.isReady;
  }

  get isDry(): boolean {
    return this.#exchanger.isDry;
  }

  startNext(): boolean {
    return this.#starter.startNext();
  }

  ask(): void {
    this.#exchanger.flush();
  }

  schedule(): void {
    this.#exchanger.schedule();
  }

  wake(): void {
    this.#exchanger.wake();
  }

  woken(): void {
    this.#exchanger.woken();
  }

  stir(): void {
    this.#shared.turns.rouse(this);
  }

  passOn(): void {
    this.#upkeep.passOn();
    // It may have been woken for a new time instead, and does not ask now.
    this.#upkeep.now();
  }

  opened({ bits, pause, unclaimed }: Opened): void {
    this.state.isPaused = isPausedBy(pause);
    this.news.learnBits(bits);
    // Before the first job can be asked for, on the same connection: it is answered first.
    this.tally.sync();
    this.#upkeep.opened(unclaimed);
    this.wake();
  }

  renewed(): void {
    this.#shared.turns.pump();
  }

  answered(epoch: Epoch, slot: CallSlot, answer: Answer): number {
    this.news.fromAnswer(epoch, answer);
    this.log?.polled(this.context.name, answer);
    if (answer.jobs.length > 0) this.stir();
    const placed = this.stock.add(epoch, slot, answer);
    if (this.stock.singles.length > 0) for (const hold of this.stock.singles.splice(0)) this.#gathering.gather(hold);
    if (this.mustGiveBack) this.giveBackBuffered();
    return placed;
  }

  settled(): void {
    this.#shared.turns.pump();
  }

  due(): void {
    this.#upkeep.now();
  }

  lost(epoch: Epoch): void {
    if (!this.#tenure.lose(epoch)) return;
    this.logger.error(`The lease on queue "${this.context.name}" was lost; its jobs may run again elsewhere.`);
    this.stock.clear();
    this.outcomes.lost();
    this.#starter.lost();
    this.#exchanger.forget(epoch);
  }

  broke(epoch: Epoch, error: unknown): void {
    this.logger.error(`A call on queue "${this.context.name}" failed: ${(error as Error).message}`);
    // Only a new epoch is sure of what it holds. What this one held need not wait for the end of its lease.
    epoch.close().catch(() => {});
    this.lost(epoch);
  }

  launch(start: () => void): void {
    this.#starter.launch(start);
  }

  ended(run: Run, ending: Ending): void {
    this.prefetch.ran(run.attempt.elapsedMs);
    this.outcomes.ended(run, ending);
    this.#upkeep.ended();
  }

  deadlineSet({ hold, attempt }: Run, inMs: number): void {
    this.stock.table.setDeadline(hold.place, {
      atMs: this.keeper.clocks.monotonic() + inMs,
      timeoutMs: Math.round(inMs),
      delayMs: keepersDelayMs(attempt),
      name: hold.envelope.name,
    });
  }

  push(end: PendingEnd): void {
    this.#exchanger.push(end);
  }

  handIn(hold: Hold, ending: Ending): void {
    this.outcomes.handIn(hold, ending);
  }

  free(): void {
    this.slots.release();
    this.#shared.turns.pump();
  }

  changed(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }

  unknownName(name: string): void {
    this.#upkeep.unknownName(name);
  }

  knownIds(): string[] {
    const ids = Array.from(this.runner.runs, ({ hold }) => hold.id);
    for (const holds of [this.stock.buffer, this.#starter.suspects, this.outcomes.unanswered]) {
      for (const { id } of holds) ids.push(id);
    }
    return ids;
  }

  runningRows(): string[] {
    return this.runner.report();
  }

  giveBackBuffered(): void {
    for (const hold of this.stock.empty()) this.outcomes.handIn(hold, GIVE_BACK);
  }

  /** The upkeep: jobs have failed because they stalled too often. */
  stalled(ids: readonly string[]): void {
    void tellOfStalled(this, ids);
  }

  /** The queue may have jobs, and can be asked for them. */
  get #mayAsk(): boolean {
    if (this.mustGiveBack || this.#exchanger.isDry) return false;
    const permit = this.epoch?.permit;
    return permit?.wasGood(this.glance.by(permit)) === true && !this.#exchanger.isSilent;
  }

  /** Who sleeps is told with the answer how long; else the next look tells it. */
  fired(): void {
    this.wake();
    if (this.mustGiveBack || this.slots.free === 0) this.#upkeep.now();
  }

  /** The upkeep: schedules are due. What cannot be fired now, the next look finds again. */
  schedulesDue(count: number): void {
    void this.#firer.fire(count);
  }

  giveBackStale(): void {
    if (this.stock.staleMs > STALE_MS && this.prefetch.stuck()) this.giveBackBuffered();
  }
}
