/** How far a run is, how long it still takes, and whether that is too long. Measurements are made to take about as long each. */
export class Pace {
  /** Measurements that ended, or will not be made. */
  ended = 0;
  #made = 0;
  readonly #all: number;
  readonly #budgetMs: number;
  readonly #now: () => number;
  readonly #began: number;

  /**
   * @param all how many measurements there will be
   * @param budgetMs how long they may take together
   */
  constructor(all: number, budgetMs: number, now: () => number = () => performance.now()) {
    this.#all = all;
    this.#budgetMs = budgetMs;
    this.#now = now;
    this.#began = now();
  }

  /** A measurement was made. */
  made(): void {
    this.#made++;
    this.ended++;
  }

  /** So many will not be made. */
  dropped(measurements: number): void {
    this.ended += measurements;
  }

  /** 0 to 1. */
  get part(): number {
    return this.ended / Math.max(1, this.#all);
  }

  /** `undefined` as long as nothing was made to tell from. */
  get leftMs(): number | undefined {
    return this.#made === 0 ? undefined : this.#eachMs * (this.#all - this.ended);
  }

  /** Whether there is time for so many measurements more. */
  hasTimeFor(measurements: number): boolean {
    return this.#elapsedMs + this.#eachMs * measurements <= this.#budgetMs;
  }

  get #elapsedMs(): number {
    return this.#now() - this.#began;
  }

  get #eachMs(): number {
    return this.#elapsedMs / Math.max(1, this.#made);
  }
}
