import { Crowding } from './crowding.js';

/** Jobs taken ahead are worth their while only if they start within this. */
const START_WITHIN_MS = 50;
/** What no run is taken to be shorter than. */
const SHORTEST_MS = 0.01;
/** How much a single run moves the mean: much when it was slow, for then others could have had the jobs. */
const WEIGHT_UP = 0.3;
const WEIGHT_DOWN = 0.05;
/**
 * With fewer, calls get small: no-op jobs at concurrency 100 went through at 110,000 a second with 256, at 136,000 with 512;
 * more gave no more.
 */
const CAP = 512;
/** Where queues share the slots, what one of them takes ahead delays the others. */
const CAP_OF_SEVERAL = 256;

/** How much is taken ahead at least where many wait, and at first: a herd of workers that start shall not find that out together. */
const LEAST_SHARE = 1 / 64;
const LESS = 1 / 2;
const MORE = 5 / 4;

/**
 * How many jobs to take ahead of those that run. With it a round trip is shared by many jobs (concurrency 1 gains tenfold);
 * without need it would only keep jobs from other workers. So: none until the mean run is known, none for slow handlers,
 * and never more than can start within 50 ms. Less where Redis is crowded: of two hundred workers that took 256 at each call a
 * producer waited 0.7 s for its turn.
 */
export class Prefetch {
  readonly #fixed: number | undefined;
  readonly #concurrency: number;
  readonly #cap: number;
  #meanMs: number | undefined;
  readonly #crowding = new Crowding();
  #share = LEAST_SHARE;

  /**
   * @param concurrency of the worker
   * @param queues how many queues share it
   * @param fixed what the user asked for, instead of a computed number
   */
  constructor(concurrency: number, queues: number, fixed: number | undefined) {
    this.#fixed = fixed;
    const cap = queues === 1 ? CAP : CAP_OF_SEVERAL;
    this.#concurrency = Math.min(concurrency / queues, cap);
    this.#cap = Math.min(cap, Math.floor((this.#concurrency * START_WITHIN_MS) / SHORTEST_MS));
  }

  /** The most that {@link size} ever is. */
  get cap(): number {
    return this.#fixed ?? this.#cap;
  }

  /** Notes how long an attempt ran, in ms. */
  ran(ms: number): void {
    if (this.#meanMs === undefined) this.#meanMs = ms;
    else this.#meanMs += (ms > this.#meanMs ? WEIGHT_UP : WEIGHT_DOWN) * (ms - this.#meanMs);
  }

  /** Notes how long a call took, in ms: as on a network, less is asked for where that becomes long, and slowly more again. */
  called(ms: number): void {
    this.#share = Math.max(LEAST_SHARE, Math.min(1, this.#share * (this.#crowding.sees(ms) ? LESS : MORE)));
  }

  /** Jobs taken ahead have waited long: those that run are slow, whatever the mean says. False if the user wants it so. */
  stuck(): boolean {
    if (this.#fixed !== undefined) return false;
    this.#meanMs = Math.max(this.#meanMs ?? 0, 2 * START_WITHIN_MS);
    return true;
  }

  /** How many jobs to hold beyond those that run. */
  get size(): number {
    if (this.#fixed !== undefined) return this.#fixed;
    if (this.#meanMs === undefined || this.#meanMs > START_WITHIN_MS) return 0;
    const inTime = Math.floor((this.#concurrency * START_WITHIN_MS) / Math.max(this.#meanMs, SHORTEST_MS));
    return Math.floor(this.#share * Math.min(this.#cap, inTime));
  }
}
