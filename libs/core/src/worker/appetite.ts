import type { Prefetch } from './prefetch.js';
import type { QueueState } from './queue-state.js';
import type { Slots } from './slots.js';
import type { Stock } from './stock.js';

/** What decides how many jobs a queue of a worker asks for. */
export interface AppetiteFacts {
  readonly slots: Slots;
  readonly prefetch: Prefetch;
  readonly stock: Stock;
  readonly state: QueueState;
}

/** Stands for "no bound" where a number is needed. */
const UNBOUNDED = 1_000;

/** How many jobs a queue of a worker may ask for. */
export class Appetite {
  readonly #facts: AppetiteFacts;

  constructor(facts: AppetiteFacts) {
    this.#facts = facts;
  }

  /** How many jobs are held when it is full. */
  get capacity(): number {
    return Math.min(this.#facts.slots.max, UNBOUNDED) + this.#ahead;
  }

  /**
   * How many more jobs could be asked for.
   *
   * @param asked those that were asked for already
   * @param reserved free slots that are for other queues
   */
  room(asked: number, reserved: number): number {
    const { slots, stock, state } = this.#facts;
    if (!state.isKnown || !slots.mayTake()) return 0;
    const free = Math.min(Math.max(0, slots.free - reserved), UNBOUNDED);
    const wanted = free + this.#ahead - stock.buffer.size;
    return Math.max(0, Math.min(wanted, stock.room) - asked);
  }

  /** How many of the jobs that were asked for are to run at once, and not to be taken ahead. */
  claims(asked: number): number {
    return asked === 0 ? 0 : Math.max(0, asked - Math.max(0, this.#ahead - this.#facts.stock.buffer.size));
  }

  get #ahead(): number {
    return this.#facts.state.takesNothingAhead ? 0 : this.#facts.prefetch.size;
  }
}
