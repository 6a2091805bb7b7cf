import type { Clock, Timer } from '../clock/index.js';
import { LATER_FORMAT } from '../job/record.js';
import { ANY_NAME, type Logger, type ResolvedWorkerOptions } from '../options/index.js';
import type { QueueContext } from '../queue/queue-context.js';
import { scripts } from '../redis/index.js';
import type { Epoch } from './epoch.js';
import type { JobLog } from './job-log.js';

/** What the upkeep asks of its consumer. */
export interface UpkeepHost {
  readonly context: QueueContext;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly log: JobLog | undefined;
  readonly options: Pick<ResolvedWorkerOptions, 'handlers'>;
  /** How many times as long as else the next look waits. */
  readonly pace: number;
  readonly epoch: Epoch | undefined;
  /** The worker sleeps until something is due; else it does not ask, for it is paused or has no room. */
  readonly isDry: boolean;
  /** All that this worker knows to hold. */
  knownIds(): string[];
  /** What it runs, as {@link Epoch.report} takes it. */
  runningRows(): string[];
  wake(): void;
  /** Jobs have failed because they stalled too often. */
  stalled(ids: readonly string[]): void;
  /** Gives back what was taken ahead and cannot start. */
  giveBackStale(): void;
  /** So many schedules are due. */
  schedulesDue(count: number): void;
}

/** How often a worker looks after the queue when nothing else asks for it; due jobs wait no longer than this. */
const EVERY_MS = 800;
const JITTER_MS = 200;
/** An idle worker need not look for what has grown old where it, or another one, has done so within this. */
const WHOLE_MS = 2_000;
/** From then on a dry queue is asked for jobs at each look that fails. */
const ASK_AFTER_MS = 700;
/** Finished jobs are pruned so many at a time, so a fast worker looks after the queue more often. */
const ENDS_BETWEEN = 500;
/** Of each kind of work: with 1,000, a call that prunes a full queue held Redis for 10 ms and more. */
const BUDGET = 500;
const WARN_EVERY_MS = 60_000;

/**
 * What the passing of time asks of a worker: due jobs, lost workers, retention (one command, any worker, any time), jobs
 * of unknown names, and the reconciling of what it holds.
 */
export class Upkeep {
  readonly #host: UpkeepHost;
  readonly #warnedAt = new Map<string, number>();
  #timer: Timer | undefined;
  #dueTimer: Timer | undefined;
  #unhear: (() => void) | undefined;
  #isRunning = false;
  #failingSince: number | undefined;
  #isStopped = true;
  #again = false;
  #ends = 0;
  #reconciledAt = 0;
  /** How long until something is due, in ms; -1 if nothing waits for its time. */
  #dueMs = -1;
  #hasReported = false;

  constructor(host: UpkeepHost) {
    this.#host = host;
  }

  /** Begins with a look: jobs may be due since long, and the lease of a worker that came before may have ended. */
  start(): void {
    this.#isStopped = false;
    this.#reconciledAt = this.#host.clock.monotonic();
    // What was published while nobody listened is lost: there may be jobs.
    this.#unhear = this.#host.context.connection.subscriber.onReady(() => this.#host.wake());
    this.now();
  }

  stop(): void {
    this.#isStopped = true;
    this.#clearTimers();
    this.#unhear?.();
  }

  /** An attempt has ended. */
  ended(): void {
    if (++this.#ends >= ENDS_BETWEEN) this.now();
  }

  /** Looks after the queue at once. */
  now(): void {
    this.#look(0);
  }

  /** Wakes another worker in place of this one, which has no use for the jobs. */
  passOn(): void {
    const { context } = this.#host;
    context.run(scripts.nudge, {}).catch(() => {});
  }

  /** The queue has been opened. Jobs of a later release are tried once: this worker may be the newer one. */
  opened(unclaimed: readonly string[]): void {
    const names = unclaimed.filter((name) => name === LATER_FORMAT || this.#handles(name));
    this.#claim(names).catch((error: Error) => this.#failed(error));
  }

  /** A job of a name without handler has come by. */
  unknownName(name: string): void {
    const now = this.#host.clock.monotonic();
    if (now - (this.#warnedAt.get(name) ?? -Infinity) < WARN_EVERY_MS) return;
    this.#warnedAt.set(name, now);
    const { context, logger, options } = this.#host;
    logger.warn(
      `Jobs "${name}" wait in "${context.name}" and this worker does not handle that name. Known: ${[...options.handlers.keys()].join(', ')}.`,
      { code: 'UNCLAIMED', queue: context.name, name },
    );
  }

  #clearTimers(): void {
    this.#timer?.clear();
    this.#dueTimer?.clear();
  }

  #schedule(): void {
    this.#clearTimers();
    const lease = this.#host.epoch?.permit.leaseMs ?? EVERY_MS;
    const { clock, isDry, pace } = this.#host;
    // Nobody is reclaimed after a silence of a third of a lease: a short lease needs more frequent looks.
    const every = Math.min(pace * EVERY_MS, lease / 5) + Math.random() * Math.min(pace * JITTER_MS, lease / 20);
    const look = (): void => this.#look(this.#ends > 0 || clock.isVirtual ? 0 : Math.min(WHOLE_MS, lease / 10));
    const isForDue = !isDry && this.#dueMs > 0;
    const isSoon = isForDue && this.#dueMs < every;
    this.#timer = clock.setTimer(isSoon ? this.#dueMs : every, look, { background: !isSoon });
    // Virtual time stops for nothing in the background, but for what is due.
    if (isForDue && !isSoon && clock.isVirtual) this.#dueTimer = clock.setTimer(this.#dueMs, look, {});
  }

  /** @param within a whole look that was had less than so many ms ago will do */
  #look(within: number): void {
    if (this.#isStopped) return;
    if (this.#isRunning) this.#again = true;
    else void this.#run(within);
  }

  async #run(within: number): Promise<void> {
    this.#isRunning = true;
    this.#ends = 0;
    this.#dueMs = -1;
    this.#host.giveBackStale();
    try {
      await this.#reconcileWhenDue();
      await this.#housekeep(Math.floor(within));
    } catch (error) {
      this.#failed(error as Error);
    }
    this.#isRunning = false;
    if (this.#isStopped) return;
    if (this.#again) {
      this.#again = false;
      this.now();
    } else this.#schedule();
  }

  async #housekeep(within: number): Promise<void> {
    const { context } = this.#host;
    const from = this.#host.clock.monotonic();
    const reply = await context.run(scripts.housekeep, { now: context.now, budget: BUDGET, within });
    this.#failingSince = undefined;
    if (reply.code !== 'OK') return;
    this.#dueMs = reply.due;
    if (reply.more === 1) this.#again = true;
    this.#host.log?.housekept(context.name, reply, this.#host.clock.monotonic() - from);
    this.#host.stalled(reply.stalled);
    if (reply.schedules > 0) this.#host.schedulesDue(reply.schedules);
    await this.#claim(reply.unclaimed.filter((name) => this.#handles(name)));
    // Also where the message was lost that there are jobs.
    if (reply.due === 0 || (reply.ready === 1 && this.#host.isDry)) this.#host.wake();
  }

  /** Puts jobs that waited for a handler back into the queue. */
  async #claim(names: readonly string[]): Promise<void> {
    const { context } = this.#host;
    for (const name of names) {
      const { moved } = await context.run(scripts.claim, { now: context.now, name });
      if (moved > 0) this.#host.wake();
    }
  }

  #handles(name: string): boolean {
    const { handlers } = this.#host.options;
    return handlers.has(name) || (handlers.has(ANY_NAME) && name !== LATER_FORMAT);
  }

  async #reconcileWhenDue(): Promise<void> {
    const { epoch, clock } = this.#host;
    if (epoch === undefined || clock.monotonic() - this.#reconciledAt < epoch.permit.leaseMs / 3) return;
    this.#reconciledAt = clock.monotonic();
    await epoch.reconcile(this.#host.knownIds());
    const running = this.#host.runningRows();
    if (running.length > 0 || this.#hasReported) await epoch.report(running);
    this.#hasReported = running.length > 0;
  }

  /** What time asks for can wait: the next look does it. */
  #failed(error: Error): void {
    if (this.#isStopped) return;
    this.#host.logger.debug(`Housekeeping of queue "${this.#host.context.name}" failed: ${error.message}`);
    const now = this.#host.clock.monotonic();
    this.#failingSince ??= now;
    // It cannot tell whether there are jobs: the queue is asked itself, and says what is wrong.
    if (this.#host.isDry && now - this.#failingSince >= ASK_AFTER_MS) this.#host.wake();
  }
}
