/** A call of the main thread that was taken from it. */
export interface RevokedCall {
  readonly slot: number;
  readonly seq: number;
}

const IDLE = 0;
const OUT = 1;
const REVOKED = 2;
/** The state takes two bits of its word; the rest counts calls, so that a word names one of them. */
const STATE_BITS = 2;
const STATE_MASK = 3;

const SLOTS = 2;
/** seq, and when it was sent. */
const NUMBERS = 2;

/**
 * The exchanges that the main thread has out, in memory that the lease keeper shares. Of the jobs that such a call leases
 * nobody knows until its answer is read. Where nobody reads it, the keeper revokes the call: then the jobs can go back, and
 * the main thread may not use the answer any more.
 */
export class CallBoard {
  readonly buffer: SharedArrayBuffer;
  readonly #numbers: Float64Array;
  readonly #words: Int32Array;

  /** @param buffer the memory of a board that another thread made */
  constructor(buffer = new SharedArrayBuffer(SLOTS * (NUMBERS * 8 + 4))) {
    this.buffer = buffer;
    this.#numbers = new Float64Array(buffer, 0, SLOTS * NUMBERS);
    this.#words = new Int32Array(buffer, SLOTS * NUMBERS * 8, SLOTS);
  }

  /** A call has been sent; `at` by the clock that threads share. */
  sent(slot: number, seq: number, at: number): void {
    this.#numbers[slot * NUMBERS] = seq;
    this.#numbers[slot * NUMBERS + 1] = at;
    const count = (Atomics.load(this.#words, slot) >>> STATE_BITS) + 1;
    Atomics.store(this.#words, slot, (count << STATE_BITS) | OUT);
  }

  /** The call of a slot is over. False if it was revoked: its jobs are not this worker's. */
  over(slot: number): boolean {
    const word = Atomics.load(this.#words, slot);
    const idle = (word & ~STATE_MASK) | IDLE;
    if ((word & STATE_MASK) === OUT && Atomics.compareExchange(this.#words, slot, word, idle) === word) return true;
    Atomics.store(this.#words, slot, idle);
    return false;
  }

  /** When the oldest call that is out was sent; `undefined` if none is. */
  get oldestAt(): number | undefined {
    let oldest: number | undefined;
    for (let slot = 0; slot < SLOTS; slot++) {
      if ((Atomics.load(this.#words, slot) & STATE_MASK) === IDLE) continue;
      const at = this.#numbers[slot * NUMBERS + 1]!;
      if (oldest === undefined || at < oldest) oldest = at;
    }
    return oldest;
  }

  /** The keeper's: revokes all that are out, and returns them and those revoked before that are not over yet. */
  revoke(): RevokedCall[] {
    const revoked: RevokedCall[] = [];
    for (let slot = 0; slot < SLOTS; slot++) {
      const word = Atomics.load(this.#words, slot);
      if ((word & STATE_MASK) === IDLE) continue;
      const seq = this.#numbers[slot * NUMBERS]!;
      // Succeeds only if the seq that was read is that of this very call.
      const taken = (word & ~STATE_MASK) | REVOKED;
      if (Atomics.compareExchange(this.#words, slot, word, taken) === word) revoked.push({ slot, seq });
    }
    return revoked;
  }
}
