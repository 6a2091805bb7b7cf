import type { Clock } from '../clock/index.js';
import { AbortedError, CancelError, LeaseLostError } from '../errors/index.js';
import type { Logger, ResolvedWorkerOptions } from '../options/index.js';
import { isPausedBy } from '../queue/pausing.js';
import type { QueueContext } from '../queue/queue-context.js';
import type { Connection } from '../redis/index.js';
import type { ExchangeReply } from '../redis/scripts.generated.js';
import { HoldBuffer } from './buffer.js';
import { encodeEnding, GIVE_BACK, NO_HANDLER, type Ending } from './ending.js';
import { Epoch, type CallSlot } from './epoch.js';
import { Exchanger } from './exchanger.js';
import { Hold } from './hold.js';
import { HoldTable, STARTED, withState } from './hold-table.js';
import type { HookRunner } from './hook-runner.js';
import type { KeeperHost } from './keeper/keeper-host.js';
import type { FromKeeper } from './keeper/messages.js';
import { Prefetch } from './prefetch.js';
import { Reporter } from './reporter.js';
import { Runner, type Run } from './runner.js';
import type { Slots } from './slots.js';
import { StartMarks } from './start-marks.js';
import { parseTaken, type TakenRun } from './taken.js';
import { Upkeep } from './upkeep.js';

/** What the consumers of one worker share. */
export interface ConsumerShared {
  readonly options: ResolvedWorkerOptions<Connection>;
  readonly slots: Slots;
  readonly hooks: HookRunner;
  readonly keeper: KeeperHost;
  readonly logger: Logger;
  /** What the worker says of itself, as JSON text. */
  readonly info: string;
  /** A slot has become free: any queue of the worker may start something. */
  onFree(): void;
}

/** What is known of one queue in a worker. */
export interface ConsumerFacts {
  readonly queue: string;
  /** The identity under which it holds jobs now; `undefined` while it has none. */
  readonly epoch: string | undefined;
  readonly running: number;
  readonly buffered: number;
  /** Handlers that go on although their attempts are over. */
  readonly zombies: number;
  /** When the queue was last asked for jobs with success, in ms since 1970. */
  readonly lastAnswerAt: number | undefined;
}

type Answer = Extract<ExchangeReply, { code: 'OK' }>;

/** Letters of the queue's features that this release knows. */
const KNOWN_BITS = /^[paeg]*$/;
/** Stands for "no bound" where a number is needed. */
const UNBOUNDED = 1_000;
const REOPEN_AFTER_MS = 1_000;

/** Works one queue for a worker: leases jobs, starts them as slots become free, hands in how they ended. */
export class Consumer {
  readonly context: QueueContext;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly options: ResolvedWorkerOptions<Connection>;
  readonly hooks: HookRunner;
  readonly #shared: ConsumerShared;
  readonly #table: HoldTable;
  readonly #buffer: HoldBuffer;
  readonly #runner: Runner;
  readonly #exchanger: Exchanger;
  readonly #prefetch: Prefetch;
  readonly #marks: StartMarks;
  readonly #reporter: Reporter;
  readonly #upkeep: Upkeep;
  /** Ended, and the answer to it is not here yet; or about to start. */
  readonly #between = new Set<Hold>();
  readonly #waiters: (() => void)[] = [];
  #epoch: Epoch | undefined;
  #bits = '';
  #isQueuePaused = false;
  #isHalted = false;
  #isStopping = false;
  #reporting = 0;
  #leaveChannel: (() => void) | undefined;
  #lastAnswerAt: number | undefined;

  constructor(context: QueueContext, shared: ConsumerShared) {
    this.context = context;
    this.#shared = shared;
    this.clock = context.clock;
    this.logger = shared.logger;
    this.options = shared.options;
    this.hooks = shared.hooks;
    const max = Math.min(shared.slots.max, 8_192);
    this.#prefetch = new Prefetch(shared.slots.max, shared.options.prefetch);
    this.#table = new HoldTable(2 * (max + this.#prefetch.cap) + 64);
    this.#buffer = new HoldBuffer(shared.options.handlers);
    this.#runner = new Runner(this);
    this.#exchanger = new Exchanger(this);
    this.#marks = new StartMarks(context, (hold, isHeld) => this.#marked(hold, isHeld));
    this.#reporter = new Reporter(shared.hooks, () => this.clock.now());
    this.#upkeep = new Upkeep(this);
  }

  get facts(): ConsumerFacts {
    return {
      queue: this.context.name,
      epoch: this.#epoch?.id,
      running: this.#runner.count,
      buffered: this.#buffer.size,
      zombies: this.#runner.zombies,
      lastAnswerAt: this.#lastAnswerAt,
    };
  }

  get epoch(): Epoch | undefined {
    return this.#epoch;
  }

  get capacity(): number {
    return Math.min(this.#shared.slots.max, UNBOUNDED) + this.#prefetch.size;
  }

  /** Free slots and what is taken ahead, less what waits already. */
  get room(): number {
    if (this.#mustGiveBack || !KNOWN_BITS.test(this.#bits)) return 0;
    const free = Math.min(this.#shared.slots.free, UNBOUNDED);
    const isGated = free <= 0 && this.#shared.slots.used < this.#shared.slots.max;
    if (isGated) return 0;
    return Math.min(free + this.#prefetch.size - this.#buffer.size, this.#table.room);
  }

  /** Opens an epoch and begins to take jobs. Rejects when the queue cannot be worked. */
  async start(): Promise<void> {
    await this.context.declare();
    await this.#open();
    this.#upkeep.start();
  }

  /** Stops taking jobs, or goes on, in this process only. */
  halt(isHalted: boolean): void {
    this.#isHalted = isHalted;
    if (isHalted) this.#giveBackBuffered();
    else this.wake();
  }

  /** There may be jobs. */
  wake(): void {
    this.#exchanger.wake();
  }

  /** Starts what can be started. */
  pump(): void {
    const { slots } = this.#shared;
    while (this.#epoch?.permit.isGood === true && slots.used < slots.max) {
      const hold = this.#buffer.next();
      if (hold === undefined) break;
      this.#begin(hold);
    }
    this.#exchanger.schedule();
  }

  /** Takes no more jobs, and gives back those that have not started. */
  quiesce(): void {
    this.#isStopping = true;
    this.#upkeep.stop();
    this.#giveBackBuffered();
  }

  /** Resolves when nothing runs, hooks have been told, and all ends are answered. */
  async drained(): Promise<void> {
    while (this.#runner.count > 0 || this.#between.size > 0 || this.#reporting > 0) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  /** Aborts what still runs, gives it back uncharged, and closes the epoch. */
  async close(): Promise<void> {
    for (const run of [...this.#runner.runs]) {
      this.logger.warn(
        `Job ${this.context.name}/${run.hold.id} (${run.job.name}) still ran when shutdownTimeoutMs was over: it goes back to the front of its queue, and this attempt is not counted.`,
      );
      this.#runner.abandon(run, new AbortedError(this.context.name, run.hold.id));
    }
    const epoch = this.#epoch;
    this.#epoch = undefined;
    this.#leaveChannel?.();
    this.#exchanger.close();
    if (epoch !== undefined) {
      this.#shared.keeper.forget(epoch.number);
      await epoch.close().finally(() => epoch.end());
    }
    this.context.close();
  }

  /** All that this worker knows to hold. */
  knownIds(): string[] {
    const ids = Array.from(this.#between, ({ id }) => id);
    for (const hold of this.#buffer) ids.push(hold.id);
    for (const { hold } of this.#runner.runs) ids.push(hold.id);
    return ids;
  }

  /** The exchanger: an answer has come. */
  answered(epoch: Epoch, slot: CallSlot, answer: Answer): void {
    this.#lastAnswerAt = this.clock.now();
    this.learn(epoch, answer);
    const headers = new Map<number, string>();
    for (let i = 0; i < answer.headers.length; i += 2) headers.set(Number(answer.headers[i]), answer.headers[i + 1]!);
    const token = `${slot.name}.${slot.seq}`;
    for (let i = 0; i < answer.jobs.length; i += 2) {
      const id = answer.jobs[i]!;
      const place = this.#table.put(id, epoch.number, slot.name, slot.seq);
      const word = this.#table.word(place);
      this.#buffer.push(new Hold(id, token, epoch, place, word, answer.jobs[i + 1]!, headers.get(i / 2 + 1)));
    }
    if (this.#mustGiveBack) this.#giveBackBuffered();
    this.pump();
  }

  /** The exchanger, or the keeper: the epoch is gone, and what it held may run elsewhere. */
  lost(epoch: Epoch): void {
    if (this.#epoch !== epoch) return;
    this.#epoch = undefined;
    epoch.end();
    this.#shared.keeper.forget(epoch.number);
    this.#leaveChannel?.();
    this.logger.error(`The lease on queue "${this.context.name}" was lost; its jobs may run again elsewhere.`);
    for (const hold of this.#buffer.drain()) this.#table.end(hold.place, hold.word);
    for (const run of [...this.#runner.runs]) this.#loseRun(run);
    this.#exchanger.forget(epoch);
    if (!this.#isStopping) void this.#reopen();
  }

  /** The exchanger: a delayed job is due. */
  due(): void {
    this.#upkeep.now();
  }

  failed(error: unknown): void {
    this.logger.error(`A call on queue "${this.context.name}" failed: ${(error as Error).message}`);
  }

  /** The runner: an attempt has ended by itself or at its deadline. */
  ended(run: Run, ending: Ending): void {
    const { hold } = run;
    if (ending.letter === 'c') this.#prefetch.ran(run.attempt.elapsedMs);
    this.#buffer.ended(hold);
    if (!this.#table.end(hold.place, hold.word)) return this.#tellTimeout(run);
    const isHeard = this.#reporter.hears(ending);
    if (!isHeard) this.#free();
    this.#handIn(hold, ending, (isAccepted) => {
      if (isHeard) this.#telling(this.#reporter.settled(run, ending, isAccepted));
      else if (!isAccepted) void this.#reporter.lost(run);
    });
  }

  deadlineSet(run: Run, inMs: number, ending: Ending): void {
    const { hold } = run;
    this.#shared.keeper.enforce({
      epoch: hold.epoch.number,
      place: hold.place,
      word: withState(hold.word, STARTED),
      inMs,
      code: encodeEnding(hold.token, run.job.name, ending, true),
    });
  }

  get #mustGiveBack(): boolean {
    return this.#isStopping || this.#isHalted || this.#isQueuePaused;
  }

  async #open(): Promise<void> {
    const epoch = new Epoch(this.context, this.#shared.keeper.clocks);
    const reply = await epoch.open(this.options.lease.durationMs, this.#shared.info);
    if (reply.code === 'UPGRADE') throw this.context.upgradeRequired(`features "${reply.bits}"`);
    this.#leaveChannel = await this.context.connection.subscriber.subscribe(`${this.context.base}:w:${epoch.id}`, () =>
      this.#hint(epoch),
    );
    this.#epoch = epoch;
    this.#isQueuePaused = isPausedBy(reply.pause);
    this.#learnBits(reply.bits);
    const kept = { number: epoch.number, id: epoch.id, base: this.context.base, permit: epoch.permit.buffer };
    const { blockedLimitMs } = this.options.lease;
    this.#shared.keeper.keep({ ...kept, table: this.#table.buffer, blockedLimitMs }, (message) => this.#kept(epoch, message));
    await this.#upkeep.claim(reply.unclaimed);
    this.wake();
  }

  async #reopen(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      this.failed(error);
      if (!this.#isStopping) this.clock.setTimer(REOPEN_AFTER_MS, () => void this.#reopen());
    }
  }

  /** A message on the epoch's own channel: jobs, a pause, or runs taken away. What it is the next answer tells. */
  #hint(epoch: Epoch): void {
    if (this.#epoch !== epoch) return;
    if (!this.#exchanger.woken()) this.#upkeep.passOn();
    this.#upkeep.look();
  }

  #kept(epoch: Epoch, message: FromKeeper): void {
    if (message.type === 'renewed') {
      this.learn(epoch, message);
      this.pump();
    } else if (message.type === 'gone') this.lost(epoch);
    else if (message.type === 'gaveBack') {
      this.logger.warn(`The event loop was blocked: ${message.count} jobs of queue "${this.context.name}" went back, uncharged.`);
    } else if (message.type === 'timedOut') {
      const run = this.#runner.find(message.id, message.token);
      if (run !== undefined) this.#timedOut(run);
    } else if (message.type === 'letGo') {
      const minutes = Math.round(message.blockedMs / 6_000) / 10;
      this.logger.error(`The event loop has been blocked for ${minutes} min: the lease on queue "${this.context.name}" is let go.`);
    }
  }

  /** What each answer of Redis tells of the queue and of this worker's runs. */
  learn(epoch: Epoch, { bits, pause, taken }: { readonly bits: string; readonly pause: number; readonly taken: string }): void {
    this.#learnBits(bits);
    if (pause !== epoch.permit.pause) {
      epoch.permit.pause = pause;
      this.#isQueuePaused = isPausedBy(pause);
      if (this.#isQueuePaused) this.#giveBackBuffered();
      else this.wake();
      this.#upkeep.look();
    }
    if (taken === '') return;
    for (const notice of parseTaken(taken)) {
      if (notice.number <= epoch.permit.received) continue;
      epoch.permit.received = notice.number;
      this.#takenAway(notice);
    }
  }

  #learnBits(bits: string): void {
    if (bits === this.#bits) return;
    this.#bits = bits;
    this.#prefetch.isForbidden = bits.includes('p');
    if (!KNOWN_BITS.test(bits)) this.logger.error(this.context.upgradeRequired(`features "${bits}"`).message);
  }

  #takenAway({ id, token, reason }: TakenRun): void {
    const run = this.#runner.find(id, token);
    if (run === undefined) return this.#dropBuffered(id, token);
    const error = new CancelError(`Job ${this.context.name}/${id} was ${reason}.`);
    this.#runner.abandon(run, error);
    this.#buffer.ended(run.hold);
    this.#table.end(run.hold.place, run.hold.word);
    this.#telling(this.#reporter.cancelled(run));
  }

  #dropBuffered(id: string, token: string): void {
    for (const hold of this.#buffer.remove((held) => held.id === id && held.token === token)) {
      this.#table.end(hold.place, hold.word);
    }
  }

  #timedOut(run: Run): void {
    this.#runner.abandon(run, run.attempt.timeoutError());
    this.#buffer.ended(run.hold);
    this.#table.end(run.hold.place, run.hold.word);
    this.#tellTimeout(run);
  }

  /** The keeper has ended the attempt at its deadline, while this thread was blocked. */
  #tellTimeout(run: Run): void {
    const willRetry = run.hold.header.failures + 1 < run.attempt.policy.maxAttempts;
    this.#telling(this.hooks.call('onTimeout', run.job.run, { kind: 'deadline', willRetry }));
  }

  #loseRun(run: Run): void {
    this.#runner.abandon(run, new LeaseLostError(this.context.name, run.hold.id));
    this.#buffer.ended(run.hold);
    this.#table.end(run.hold.place, run.hold.word);
    this.#telling(this.#reporter.lost(run));
  }

  #begin(hold: Hold): void {
    if (!this.#table.start(hold.place, hold.word)) {
      this.#buffer.ended(hold);
      this.#table.end(hold.place, hold.word);
      return;
    }
    const handler = this.#buffer.handlerOf(hold.envelope.name);
    if (handler === undefined) {
      this.#buffer.ended(hold);
      this.#upkeep.unknownName(hold.envelope.name);
      if (this.#table.end(hold.place, hold.word)) this.#handIn(hold, NO_HANDLER);
      return;
    }
    this.#shared.slots.take();
    if (hold.header.isSuspect) {
      this.#between.add(hold);
      this.#marks.request(hold);
    } else this.#runner.start(hold, handler);
  }

  #marked(hold: Hold, isHeld: boolean): void {
    this.#between.delete(hold);
    const handler = this.#buffer.handlerOf(hold.envelope.name);
    if (isHeld && handler !== undefined && !hold.epoch.isGone) return this.#runner.start(hold, handler);
    this.#buffer.ended(hold);
    this.#table.end(hold.place, hold.word);
    this.#free();
  }

  #giveBackBuffered(): void {
    for (const hold of this.#buffer.drain()) {
      if (this.#table.end(hold.place, hold.word)) this.#handIn(hold, GIVE_BACK);
    }
  }

  #handIn(hold: Hold, ending: Ending, settle?: (isAccepted: boolean) => void): void {
    const isHeardOf = this.#bits.includes('e');
    const name = isHeardOf || ending.letter !== 'c' ? hold.envelope.name : '';
    this.#between.add(hold);
    this.#exchanger.push({
      epoch: hold.epoch,
      id: hold.id,
      code: encodeEnding(hold.token, name, ending, isHeardOf),
      settle: (isAccepted) => {
        this.#between.delete(hold);
        this.#upkeep.ended();
        settle?.(isAccepted);
        this.#tellWaiters();
      },
    });
  }

  /** The slot stays taken until the hooks have been told. */
  #telling(told: Promise<void>): void {
    this.#reporting++;
    void told.finally(() => {
      this.#reporting--;
      this.#free();
      this.#tellWaiters();
    });
  }

  #free(): void {
    this.#shared.slots.release();
    this.#shared.onFree();
  }

  #tellWaiters(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
