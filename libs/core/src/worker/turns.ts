import type { Clock, Timer } from '../clock/index.js';
import type { QueueOrder } from '../options/index.js';
import { ByShare } from './by-share.js';
import { ByRank, type Precedence, type Sharer } from './precedence.js';
import type { Slots } from './slots.js';

/** An answer that has not come by then is not waited for: a server that is away must not stop the other queues. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Shares the slots of a worker among its queues, in the order that its options say: who starts the next job, and who may
 * ask for more. Nobody asks for slots that another has asked for already, so the worker holds no more than it runs.
 */
export class Turns {
  readonly #precedence: Precedence;
  readonly #slots: Slots;
  readonly #clock: Clock;
  #isPumping = false;
  #isPlanned = false;
  #isLooking = false;
  #lookAgain: Timer | undefined;

  constructor(order: QueueOrder, slots: Slots, clock: Clock) {
    this.#precedence = order === 'strict' || order === 'ordered' ? new ByRank() : new ByShare();
    this.#slots = slots;
    this.#clock = clock;
  }

  add(sharer: Sharer, weight: number): void {
    this.#precedence.add(sharer, weight);
  }

  /** How many of the free slots are for others. */
  reservedFrom(sharer: Sharer): number {
    const { free } = this.#slots;
    if (this.#precedence.sharers.length === 1 || free === Infinity) return 0;
    this.#planned();
    return this.#precedence.reservedFrom(sharer, free);
  }

  /** Starts what can be started; then each queue asks for what it can use. */
  pump(): void {
    // A handler that ends at once frees its slot in the middle of this: the loop goes on, and is not entered again.
    if (this.#isPumping) return;
    this.#isPumping = true;
    const { sharers } = this.#precedence;
    try {
      if (sharers.length === 1) while (sharers[0]!.startNext());
      else while (this.#startOne());
    } finally {
      this.#isPumping = false;
    }
    this.#precedence.changed();
    this.#lookAround();
  }

  /** Ends the waiting for answers. */
  close(): void {
    this.#lookAgain?.clear();
  }

  #startOne(): boolean {
    // Without a free slot nobody starts but what has one already, and nobody loses a turn by it.
    const isOpen = this.#slots.free > 0;
    let awaited: Sharer | undefined;
    for (const sharer of this.#precedence.sharers) {
      if (awaited !== undefined && !this.#precedence.mayPass(sharer, awaited)) return this.#wait();
      if (sharer.startNext()) {
        if (isOpen) this.#precedence.started(sharer);
        return true;
      }
      if (!isOpen) continue;
      if (sharer.isIdle) this.#precedence.idled(sharer);
      else if (awaited === undefined && sharer.isAwaited) awaited = sharer;
    }
    return false;
  }

  /** What queues ask for in one tick is shared out once. Who is woken after it finds the slots as they are then. */
  #planned(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#clock.tick(() => {
      this.#isPlanned = false;
      this.#precedence.changed();
    });
  }

  /** At the end of this tick each queue asks for what it can use. */
  #lookAround(): void {
    const { sharers } = this.#precedence;
    if (sharers.length === 1) return sharers[0]!.schedule();
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#clock.tick(() => {
      this.#isLooking = false;
      for (const sharer of sharers) sharer.ask();
    });
  }

  /** For an answer, which pumps again. */
  #wait(): false {
    this.#lookAgain ??= this.#clock.setTimer(
      LOOK_AGAIN_MS,
      () => {
        this.#lookAgain = undefined;
        this.pump();
      },
      { unref: true, background: true },
    );
    return false;
  }
}
