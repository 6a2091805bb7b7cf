/** What a hold is at the moment. Only a compare-and-swap changes it, so that two threads never both act on one. */
export const FREE = 0;
export const BUFFERED = 1;
export const STARTED = 2;
export const TAKEN = 3;

/** A hold as the keeper reads it: whose it is, and its fence. */
export interface HoldFacts {
  readonly id: string;
  readonly token: string;
  readonly epoch: number;
}

/** Bytes of an id: as long as a name may be. */
const ID_BYTES = 256;
/** state, epoch, slot, seq, length of the id. */
const WORDS = 5;
/** The word of a hold in another state. */
export function withState(word: number, state: number): number {
  return (word & ~STATE_MASK) | state;
}

/** The state takes two bits of its word; the rest counts how often the place was used. */
const STATE_BITS = 2;
const STATE_MASK = 3;

/**
 * The jobs that a worker holds, in memory that the main thread and the lease keeper share: a blocked main thread cannot
 * give back what it has not started, so the keeper must be able to. Places are taken and freed by the main thread alone.
 */
export class HoldTable {
  readonly buffer: SharedArrayBuffer;
  readonly size: number;
  readonly #words: Int32Array;
  readonly #ids: Buffer;
  readonly #free: Int32Array;
  #freeCount: number;

  /** @param from the number of places; or the memory of a table that another thread made */
  constructor(from: number | SharedArrayBuffer) {
    this.buffer = typeof from === 'number' ? new SharedArrayBuffer(from * (WORDS * 4 + ID_BYTES)) : from;
    this.size = this.buffer.byteLength / (WORDS * 4 + ID_BYTES);
    this.#words = new Int32Array(this.buffer, 0, this.size * WORDS);
    this.#ids = Buffer.from(this.buffer, this.size * WORDS * 4);
    this.#freeCount = this.size;
    this.#free = Int32Array.from({ length: this.size }, (_, i) => this.size - 1 - i);
  }

  /** How many more holds it takes. */
  get room(): number {
    return this.#freeCount;
  }

  /** Enters a buffered hold and returns its place, or -1 when the table is full. */
  put(id: string, epoch: number, slot: number, seq: number): number {
    if (this.#freeCount === 0) return -1;
    const place = this.#free[--this.#freeCount]!;
    const at = place * WORDS;
    this.#words[at + 1] = epoch;
    this.#words[at + 2] = slot;
    this.#words[at + 3] = seq;
    this.#words[at + 4] = this.#ids.write(id, place * ID_BYTES, ID_BYTES, 'utf8');
    const used = (this.#words[at]! >>> STATE_BITS) + 1;
    Atomics.store(this.#words, at, (used << STATE_BITS) | BUFFERED);
    return place;
  }

  /** The word of a place: its state, and how often the place was used. Names one hold and no later one. */
  word(place: number): number {
    return Atomics.load(this.#words, place * WORDS);
  }

  /** The keeper's: takes a hold away from the main thread, if it is still the one of this word. */
  take(place: number, word: number): boolean {
    return Atomics.compareExchange(this.#words, place * WORDS, word, withState(word, TAKEN)) === word;
  }

  /** Moves a buffered hold to started. False if the keeper has taken it: then it must not run. */
  start(place: number, word: number): boolean {
    return Atomics.compareExchange(this.#words, place * WORDS, word, withState(word, STARTED)) === word;
  }

  /** Ends a hold, started or not, and frees its place. False if the keeper has taken it: its end is handed in already. */
  end(place: number, word: number): boolean {
    const at = place * WORDS;
    const isOurs =
      Atomics.compareExchange(this.#words, at, withState(word, STARTED), withState(word, FREE)) === withState(word, STARTED) ||
      Atomics.compareExchange(this.#words, at, withState(word, BUFFERED), withState(word, FREE)) === withState(word, BUFFERED);
    if (!isOurs) Atomics.store(this.#words, at, withState(word, FREE));
    this.#free[this.#freeCount++] = place;
    return isOurs;
  }

  facts(place: number): HoldFacts {
    const at = place * WORDS;
    const length = this.#words[at + 4]!;
    return {
      id: this.#ids.toString('utf8', place * ID_BYTES, place * ID_BYTES + length),
      token: `${this.#words[at + 2]}.${this.#words[at + 3]}`,
      epoch: this.#words[at + 1]!,
    };
  }

  /** The buffered holds of an epoch. */
  buffered(epoch: number): { readonly place: number; readonly word: number }[] {
    const holds: { place: number; word: number }[] = [];
    for (let place = 0; place < this.size; place++) {
      const word = this.word(place);
      if ((word & STATE_MASK) === BUFFERED && this.#words[place * WORDS + 1] === epoch) holds.push({ place, word });
    }
    return holds;
  }
}
