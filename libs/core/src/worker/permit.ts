/** Ms of one clock for all threads of a process (`performance.now()` counts from each thread's own start). */
export function sharedMonotonicMs(): number {
  return performance.now() + SINCE_BOOT;
}

/** Both count the same clock; `performance.now()` is four times as cheap, and this is asked for each job. */
const SINCE_BOOT = Number(process.hrtime.bigint() / 1_000n) / 1_000 - performance.now();

/** A moment by both clocks. */
export interface Stamp {
  readonly monotonic: number;
  readonly now: number;
}

/** The two clocks by which the age of a renewal is told: one stops in suspend, the other can jump. */
export interface Clocks {
  monotonic(): number;
  now(): number;
}

const RENEWED_MONOTONIC = 0;
const RENEWED_NOW = 1;
const LEASE = 2;
const RECEIVED = 3;
const PAUSE = 4;
const FIELDS = 5;

/** A handler starts only while the lease has at least this part of its length left. */
const USABLE_PART = 0.9;

/**
 * What the main thread and the lease keeper tell each other of one epoch, in shared memory. Aligned 64-bit floats are
 * written in one go. Only the renewal has two writers; what they can mix up ends the permit early, never late.
 */
export class Permit {
  readonly buffer: SharedArrayBuffer;
  readonly #cells: Float64Array;
  readonly #clocks: Clocks;

  constructor(clocks: Clocks, buffer = new SharedArrayBuffer(FIELDS * 8)) {
    this.buffer = buffer;
    this.#cells = new Float64Array(buffer);
    this.#clocks = clocks;
  }

  /**
   * Sets the lease from now on: opened, or renewed by a call that was sent at `sent`. An answer that was long on its way
   * does not undo a later one.
   */
  renewed(sent: Stamp, leaseMs: number): void {
    if (sent.monotonic < this.#cells[RENEWED_MONOTONIC]!) return;
    this.#cells[LEASE] = leaseMs;
    this.#cells[RENEWED_NOW] = sent.now;
    this.#cells[RENEWED_MONOTONIC] = sent.monotonic;
  }

  /** Both clocks now: what to hand to {@link renewed} when a call that is sent now has been answered. */
  stamp(): Stamp {
    return { monotonic: this.#clocks.monotonic(), now: this.#clocks.now() };
  }

  /** Whether the lease surely holds: by whichever clock says that more time has passed. */
  get isGood(): boolean {
    return this.#isGoodAt(this.#clocks.monotonic(), this.#clocks.now());
  }

  /** Whether it held at that moment. */
  wasGood({ monotonic, now }: Stamp): boolean {
    return this.#isGoodAt(monotonic, now);
  }

  /** How long ago it was renewed for the last time, in ms. */
  get ageMs(): number {
    return this.#clocks.monotonic() - this.#cells[RENEWED_MONOTONIC]!;
  }

  get leaseMs(): number {
    return this.#cells[LEASE]!;
  }

  /** The last number of the runs taken away that the main thread knows of. */
  get received(): number {
    return this.#cells[RECEIVED]!;
  }

  set received(number: number) {
    this.#cells[RECEIVED] = number;
  }

  /** The pause number that the worker obeys. */
  get pause(): number {
    return this.#cells[PAUSE]!;
  }

  set pause(number: number) {
    this.#cells[PAUSE] = number;
  }

  #isGoodAt(monotonic: number, now: number): boolean {
    const usable = this.leaseMs * USABLE_PART;
    return monotonic - this.#cells[RENEWED_MONOTONIC]! < usable && now - this.#cells[RENEWED_NOW]! < usable;
  }
}
