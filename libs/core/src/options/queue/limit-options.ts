import { InvalidOptionError } from '../../errors/index.js';
import { duration, wholeNumber } from '../check/checks.js';
import { fieldTable, readFields, type Check } from '../check/fields.js';

/** At most `max` starts in any span of `perMs`, over all workers. */
export interface RateLimit {
  readonly max: number;
  /** 1 ms to one day. */
  readonly perMs: number;
}

const DAY_MS = 24 * 60 * 60 * 1_000;
const RATE = fieldTable<RateLimit>({ max: wholeNumber(1, 1_000_000_000), perMs: duration({ min: 1, max: DAY_MS }) });

/** How many may run at once. */
export const concurrencyLimit = wholeNumber(1, 1_000_000_000);

export const rateLimit: Check<RateLimit> = (value, path, where) => {
  const { max, perMs } = readFields(value, RATE, where, path);
  if (max !== undefined && perMs !== undefined) return Object.freeze({ max, perMs });
  throw new InvalidOptionError({ where, path, value, expected: '{ max: starts, perMs: milliseconds }' });
};

/** A check that also takes `null`, for "as if it had never been set". */
export function orNull<T>(check: Check<T>): Check<T | null> {
  return (value, path, where) => (value === null ? null : check(value, path, where));
}
