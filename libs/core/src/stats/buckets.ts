const WEEK_MS = 604_800_000;
const DECADES = 9;

/**
 * The upper bounds of the buckets into which times are counted, in ms: 1, 2, 5, 10, 20, 50 … 500,000,000, a week, and
 * `Infinity`, so that no time is too long to be counted.
 */
export const BUCKETS: readonly number[] = Object.freeze([
  ...Array.from({ length: DECADES }, (_, n) => [1, 2, 5].map((digit) => digit * 10 ** n)).flat(),
  WEEK_MS,
  Infinity,
]);

/** Nearly all times are so short that their buckets are looked up. */
const SHORT = 2_000;
const OF_SHORT = Uint8Array.from({ length: SHORT + 1 }, (_, ms) => search(ms));

/** The place of a time, in whole ms, among {@link BUCKETS}. */
export function bucketOf(ms: number): number {
  return ms <= SHORT ? OF_SHORT[ms]! : search(ms);
}

function search(ms: number): number {
  return BUCKETS.findIndex((bound) => ms <= bound);
}
