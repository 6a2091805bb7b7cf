import type { ResolvedHandler } from '../options/index.js';
import { BatchStarter, type BatchStarterHost } from './batch-starter.js';
import { GIVE_BACK, NO_HANDLER } from './ending.js';
import type { Epoch } from './epoch.js';
import type { Hold } from './hold.js';
import type { Runner } from './runner.js';
import { StartMarks } from './start-marks.js';

/** What the starter asks of, and tells to, its consumer. */
export interface StarterHost extends BatchStarterHost {
  readonly runner: Runner;
  readonly epoch: Epoch | undefined;
  /** A job of a name without handler has come by. */
  unknownName(name: string): void;
}

/**
 * From the buffer into a handler. Whatever starts a handler asks for the permit in that very moment: a process can be
 * stopped between any two lines, and be continued when others run its jobs.
 */
export class Starter {
  readonly #host: StarterHost;
  readonly #marks: StartMarks;
  readonly #suspects = new Set<Hold>();
  readonly #launches: (() => void)[] = [];
  readonly #batches: BatchStarter;

  constructor(host: StarterHost) {
    this.#host = host;
    this.#marks = new StartMarks(host.context, (hold, isHeld) => this.#marked(hold, isHeld));
    this.#batches = new BatchStarter(host, this.#suspects, (start) => this.launch(start));
  }

  /** Suspects that have a slot and are being marked: they are held, and do not run yet. */
  get suspects(): ReadonlySet<Hold> {
    return this.#suspects;
  }

  /** There are jobs that have not started, whether they may start now or not. */
  get isReady(): boolean {
    return this.#host.stock.buffer.size > 0 || this.#launches.length > 0;
  }

  /** Starts the next job that may start; false if there is none. */
  startNext(): boolean {
    const { epoch, slots, stock } = this.#host;
    if (!this.isReady) return false;
    if (epoch?.permit.isGood !== true) return false;
    if (this.#launches.length > 0) {
      this.#launches.shift()!();
      return true;
    }
    while (slots.used < slots.max) {
      const hold = stock.buffer.next();
      if (hold === undefined) return false;
      if (this.#begin(hold)) return true;
    }
    return false;
  }

  /** Makes a call that starts a handler, now or as soon as the lease surely holds. */
  launch(start: () => void): void {
    if (this.#host.epoch?.permit.isGood === true) start();
    else this.#launches.push(start);
  }

  /** The epoch is lost: what was about to start finds out. */
  lost(): void {
    for (const start of this.#launches.splice(0)) start();
  }

  /** False if the job does not start: taken by the keeper, or without a handler here. */
  #begin(hold: Hold): boolean {
    const { stock, slots, runner } = this.#host;
    const handler = stock.buffer.handlerOf(hold.envelope.name);
    if (handler?.batch !== undefined) return this.#batches.begin(hold, handler, handler.batch);
    if (handler === undefined || !stock.table.start(hold.place, hold.word)) {
      if (stock.end(hold)) {
        this.#host.unknownName(hold.envelope.name);
        this.#host.handIn(hold, NO_HANDLER);
      }
      return false;
    }
    slots.take();
    if (hold.header.isSuspect || hold.envelope.flags.includes('v')) {
      this.#suspects.add(hold);
      this.#marks.request(hold);
    } else runner.start(hold, handler);
    return true;
  }

  #marked(hold: Hold, isHeld: boolean): void {
    const handler = this.#host.stock.buffer.handlerOf(hold.envelope.name);
    const start = (): void => this.#startMarked(hold, isHeld ? handler : undefined);
    if (isHeld) this.launch(start);
    else start();
  }

  /** @param handler `undefined` when the job is not held any more */
  #startMarked(hold: Hold, handler: ResolvedHandler | undefined): void {
    const { stock, runner, mustGiveBack } = this.#host;
    this.#suspects.delete(hold);
    const isHeld = handler !== undefined && !hold.epoch.isGone;
    if (isHeld && !mustGiveBack) return runner.start(hold, handler);
    if (!isHeld) stock.drop(hold);
    else if (stock.end(hold)) this.#host.handIn(hold, GIVE_BACK);
    this.#host.free();
  }
}
