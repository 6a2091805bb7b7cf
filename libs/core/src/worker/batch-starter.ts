import type { ResolvedBatch, ResolvedHandler } from '../options/index.js';
import type { QueueContext } from '../queue/queue-context.js';
import type { BatchRunner } from './batch-runner.js';
import { GIVE_BACK, type Ending } from './ending.js';
import { Unit, type Hold } from './hold.js';
import type { Slots } from './slots.js';
import { StartMarks } from './start-marks.js';
import type { Stock } from './stock.js';

/** What the starter of batches asks of the starter. */
export interface BatchStarterHost {
  readonly context: QueueContext;
  readonly stock: Stock;
  readonly slots: Slots;
  readonly batches: BatchRunner;
  /** Nothing may start: the queue is paused, or the worker stops. */
  readonly mustGiveBack: boolean;
  handIn(hold: Hold, ending: Ending): void;
  /** A slot that was taken is not used after all. */
  free(): void;
}

/** A batch whose jobs are being marked. */
interface Marking {
  readonly handler: ResolvedHandler;
  readonly batch: ResolvedBatch;
  readonly held: Hold[];
  left: number;
}

/** From the buffer into a handler of batches: one slot, and one call, for all jobs of a batch. */
export class BatchStarter {
  readonly #host: BatchStarterHost;
  readonly #marks: StartMarks;
  readonly #waiting: Set<Hold>;
  readonly #markings = new WeakMap<Unit, Marking>();
  readonly #launch: (start: () => void) => void;

  /**
   * @param waiting where to note the jobs that have a slot and do not run yet
   * @param launch makes a call that starts a handler, as soon as the lease surely holds
   */
  constructor(host: BatchStarterHost, waiting: Set<Hold>, launch: (start: () => void) => void) {
    this.#host = host;
    this.#waiting = waiting;
    this.#launch = launch;
    this.#marks = new StartMarks(host.context, (hold, isHeld) => this.#marked(hold, isHeld));
  }

  /** False if no job of the batch starts: the keeper has taken them. */
  begin(first: Hold, handler: ResolvedHandler, batch: ResolvedBatch): boolean {
    const { stock, slots, batches } = this.#host;
    const unit = first.unit ?? new Unit([first]);
    const started = unit.members.filter((hold) => stock.table.start(hold.place, hold.word));
    const taken = unit.members.filter((hold) => !started.includes(hold));
    unit.start(started.length === 0 ? [first] : started);
    for (const hold of taken) if (hold !== first || started.length > 0) stock.table.end(hold.place, hold.word);
    if (started.length === 0) {
      stock.end(first);
      return false;
    }
    slots.take();
    // All of them or none: a crash of one is a crash of all.
    if (started.some(({ header, envelope }) => header.isSuspect || envelope.flags.includes('v'))) {
      this.#markings.set(unit, { handler, batch, held: [], left: started.length });
      for (const hold of started) {
        this.#waiting.add(hold);
        this.#marks.request(hold);
      }
    } else void batches.start(started, handler, batch);
    return true;
  }

  #marked(hold: Hold, isHeld: boolean): void {
    const marking = this.#markings.get(hold.unit!)!;
    if (isHeld) marking.held.push(hold);
    else this.#drop(hold);
    if (--marking.left > 0 || marking.held.length === 0) return;
    this.#launch(() => this.#start(marking));
  }

  #start({ held, handler, batch }: Marking): void {
    const { stock, batches, mustGiveBack } = this.#host;
    const isGone = held[0]!.epoch.isGone;
    if (!isGone && !mustGiveBack) {
      for (const hold of held) this.#waiting.delete(hold);
      return void batches.start(held, handler, batch);
    }
    for (const hold of held) {
      if (isGone) this.#drop(hold);
      else {
        this.#waiting.delete(hold);
        if (stock.end(hold)) this.#host.handIn(hold, GIVE_BACK);
        this.#told(hold);
      }
    }
  }

  /** It is not held any more. */
  #drop(hold: Hold): void {
    this.#waiting.delete(hold);
    this.#host.stock.drop(hold);
    this.#told(hold);
  }

  #told(hold: Hold): void {
    if (hold.unit!.told()) this.#host.free();
  }
}
