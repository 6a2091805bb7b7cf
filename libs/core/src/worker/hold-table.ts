/** What a hold is at the moment. Only a compare-and-swap changes it, so that two threads never both act on one. */
const FREE = 0;
const BUFFERED = 1;
const STARTED = 2;
const TAKEN = 3;
/** Over, and Redis has not said yet that it knows. */
const ENDED = 4;

/** A hold that the keeper may take: where it stands, and the word that names this very hold there. */
export interface Place {
  readonly place: number;
  readonly word: number;
}

/** A hold as the keeper reads it: whose it is, and its fence. */
export interface HoldFacts {
  readonly id: string;
  readonly token: string;
}

/** The deadline of a started hold, and what is to follow if nobody else ends it. */
export interface Deadline {
  /** By the clock that threads share, in ms. */
  readonly atMs: number;
  readonly timeoutMs: number;
  /** Before the next attempt; `undefined` when none is left. */
  readonly delayMs: number | undefined;
  /** Of the job. */
  readonly name: string;
}

/** Bytes of an id, and of a job's name: as long as a name may be. */
const TEXT_BYTES = 256;
/** seq of the leasing call, deadline (0 = none), timeout, delay (-1 = no further attempt). */
const NUMBERS = 4;
/** state, epoch, slot, length of the id, length of the name. */
const WORDS = 5;
const PLACE_BYTES = NUMBERS * 8 + WORDS * 4 + 2 * TEXT_BYTES;
/** Behind the places: how many of them were ever used. */
const USED_BYTES = 4;
/** The state takes three bits of its word; the rest counts how often the place was used. */
const STATE_BITS = 3;
const STATE_MASK = 7;

/**
 * The jobs that a worker holds, in memory that the main thread and the lease keeper share: a blocked main thread cannot
 * give back what it has not started, nor end an attempt at its deadline, so the keeper must be able to. Places are taken
 * and freed by the main thread alone.
 */
export class HoldTable {
  readonly buffer: SharedArrayBuffer;
  readonly #size: number;
  readonly #numbers: Float64Array;
  readonly #words: Int32Array;
  readonly #texts: Buffer;
  readonly #used: Int32Array;
  /** The places themselves, the lowest last, so that those beyond what is held at once are never used. */
  readonly #free: Int32Array;
  #freeCount: number;

  /** @param from the number of places; or the memory of a table that another thread made */
  constructor(from: number | SharedArrayBuffer) {
    this.buffer = typeof from === 'number' ? new SharedArrayBuffer(from * PLACE_BYTES + USED_BYTES) : from;
    const size = (this.buffer.byteLength - USED_BYTES) / PLACE_BYTES;
    this.#size = size;
    this.#numbers = new Float64Array(this.buffer, 0, size * NUMBERS);
    this.#words = new Int32Array(this.buffer, size * NUMBERS * 8, size * WORDS);
    this.#texts = Buffer.from(this.buffer, size * (NUMBERS * 8 + WORDS * 4));
    this.#used = new Int32Array(this.buffer, size * PLACE_BYTES, 1);
    this.#freeCount = size;
    // Only who made the table takes places.
    this.#free = Int32Array.from({ length: typeof from === 'number' ? size : 0 }, (_, i) => size - 1 - i);
  }

  /** How many more holds it takes. */
  get room(): number {
    return this.#freeCount;
  }

  get isEmpty(): boolean {
    return this.#freeCount === this.#size;
  }

  /** Enters a buffered hold and returns its place. There must be room. */
  put(id: string, epoch: number, slot: number, seq: number): number {
    const place = this.#free[--this.#freeCount]!;
    if (place >= this.#used[0]!) Atomics.store(this.#used, 0, place + 1);
    const at = place * WORDS;
    this.#numbers[place * NUMBERS] = seq;
    this.#numbers[place * NUMBERS + 1] = 0;
    this.#words[at + 1] = epoch;
    this.#words[at + 2] = slot;
    this.#words[at + 3] = this.#texts.write(id, 2 * place * TEXT_BYTES, TEXT_BYTES, 'utf8');
    const used = (this.#words[at]! >>> STATE_BITS) + 1;
    Atomics.store(this.#words, at, (used << STATE_BITS) | BUFFERED);
    return place;
  }

  /** The word of a place: its state, and how often the place was used. Names one hold and no later one. */
  word(place: number): number {
    return Atomics.load(this.#words, place * WORDS);
  }

  /** Moves a buffered hold to started. False if the keeper has taken it: then it must not run. */
  start(place: number, word: number): boolean {
    return this.#swap(place, withState(word, BUFFERED), withState(word, STARTED));
  }

  /** Tells the keeper when a started hold is to end, or moves that moment. */
  setDeadline(place: number, { atMs, timeoutMs, delayMs, name }: Deadline): void {
    const at = place * NUMBERS;
    this.#words[place * WORDS + 4] = this.#texts.write(name, (2 * place + 1) * TEXT_BYTES, TEXT_BYTES, 'utf8');
    this.#numbers[at + 2] = timeoutMs;
    this.#numbers[at + 3] = delayMs ?? -1;
    this.#numbers[at + 1] = atMs;
  }

  /**
   * Ends a hold, started or not; it keeps its place until {@link free}. False if the keeper has taken it: then its end is
   * handed in already, and the place is free.
   */
  end(place: number, word: number): boolean {
    const ended = withState(word, ENDED);
    if (this.#swap(place, withState(word, STARTED), ended) || this.#swap(place, withState(word, BUFFERED), ended)) {
      return true;
    }
    this.free(place, word);
    return false;
  }

  /** Frees the place of a hold that has ended: Redis knows, or it does not matter any more. */
  free(place: number, word: number): void {
    Atomics.store(this.#words, place * WORDS, withState(word, FREE));
    this.#free[this.#freeCount++] = place;
  }

  /** The keeper's: takes a hold away from the main thread, if it is still what it was when its word was read. */
  take({ place, word }: Place): boolean {
    return this.#swap(place, word, withState(word, TAKEN));
  }

  /** The buffered holds of an epoch. */
  buffered(epoch: number): Place[] {
    return this.#find(epoch, (state) => state === BUFFERED);
  }

  /** The started holds of an epoch whose deadline is before `atMs`. */
  overdue(epoch: number, atMs: number): Place[] {
    return this.#find(epoch, (state, place) => {
      const deadline = this.#numbers[place * NUMBERS + 1]!;
      return state === STARTED && deadline > 0 && deadline < atMs;
    });
  }

  /** All that an epoch holds and this process knows of, until Redis knows that it is over. */
  ids(epoch: number): string[] {
    return this.#find(epoch, (state) => state !== FREE).map(({ place }) => this.facts(place).id);
  }

  /** Whose hold it is. To be believed only if {@link take} succeeds afterwards. */
  facts(place: number): HoldFacts {
    const at = place * WORDS;
    return {
      id: this.#text(2 * place, this.#words[at + 3]!),
      token: `${this.#words[at + 2]}.${this.#numbers[place * NUMBERS]}`,
    };
  }

  /** The deadline of a hold that has one. To be believed only if {@link take} succeeds afterwards. */
  deadline(place: number): Deadline {
    const [, atMs = 0, timeoutMs = 0, delayMs = -1] = this.#numbers.subarray(place * NUMBERS, (place + 1) * NUMBERS);
    const name = this.#text(2 * place + 1, this.#words[place * WORDS + 4]!);
    return { atMs, timeoutMs, delayMs: delayMs < 0 ? undefined : delayMs, name };
  }

  #find(epoch: number, matches: (state: number, place: number) => boolean): Place[] {
    const found: Place[] = [];
    const used = Atomics.load(this.#used, 0);
    for (let place = 0; place < used; place++) {
      const word = this.word(place);
      if (this.#words[place * WORDS + 1] === epoch && matches(word & STATE_MASK, place)) found.push({ place, word });
    }
    return found;
  }

  #swap(place: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.#words, place * WORDS, from, to) === from;
  }

  #text(index: number, length: number): string {
    return this.#texts.toString('utf8', index * TEXT_BYTES, index * TEXT_BYTES + length);
  }
}

/** The word of the same hold in another state. */
function withState(word: number, state: number): number {
  return (word & ~STATE_MASK) | state;
}
