/** Jobs taken ahead are worth their while only if they start within this. */
const START_WITHIN_MS = 50;
/** How much a single run moves the mean: much when it was slow, for then others could have had the jobs. */
const WEIGHT_UP = 0.3;
const WEIGHT_DOWN = 0.05;
/** With fewer, calls get small: at concurrency 1, 32 ahead gave half the rate of 256, and more gave no more. */
const CAP = 256;

/**
 * How many jobs to take ahead of those that run. With it a round trip is shared by many jobs (concurrency 1 gains tenfold);
 * without need it would only keep jobs from other workers. So: none until the mean run is known, none for slow handlers,
 * and never more than can start within 50 ms.
 */
export class Prefetch {
  readonly #fixed: number | undefined;
  readonly #concurrency: number;
  #meanMs: number | undefined;

  /** @param fixed what the user asked for, instead of a computed number */
  constructor(concurrency: number, fixed: number | undefined) {
    this.#fixed = fixed;
    this.#concurrency = Math.min(concurrency, CAP);
  }

  /** The most that {@link size} ever is. */
  get cap(): number {
    return this.#fixed ?? CAP;
  }

  /** Notes how long an attempt ran, in ms. */
  ran(ms: number): void {
    if (this.#meanMs === undefined) this.#meanMs = ms;
    else this.#meanMs += (ms > this.#meanMs ? WEIGHT_UP : WEIGHT_DOWN) * (ms - this.#meanMs);
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
    return Math.min(CAP, Math.floor((this.#concurrency * START_WITHIN_MS) / Math.max(this.#meanMs, 0.01)));
  }
}
