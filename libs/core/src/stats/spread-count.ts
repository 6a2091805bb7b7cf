import { BUCKETS, bucketOf } from './buckets.js';

/** Counts times as they come: how many, their mean, their deviation, and how many are how long. */
export class SpreadCount {
  #count = 0;
  #mean = 0;
  /** The sum of the squared differences from the mean, by Welford: sums of squares would lose what is small. */
  #squares = 0;
  readonly #buckets = new Uint32Array(BUCKETS.length);

  /** @param ms whole ms, not negative */
  add(ms: number): void {
    const apart = ms - this.#mean;
    this.#mean += apart / ++this.#count;
    this.#squares += apart * (ms - this.#mean);
    const bucket = bucketOf(ms);
    this.#buckets[bucket] = this.#buckets[bucket]! + 1;
  }

  /** As `tally` takes it; empty where nothing was counted. */
  encode(): string {
    if (this.#count === 0) return '';
    let last = this.#buckets.length;
    while (this.#buckets[last - 1] === 0) last--;
    return [this.#count, this.#mean, this.#squares, ...this.#buckets.subarray(0, last)].join(',');
  }
}
