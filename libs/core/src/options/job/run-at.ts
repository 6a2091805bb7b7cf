import { InvalidOptionError, type Where } from '../../errors/index.js';
import { MAX_RUN_AT_MS } from '../../job/limits.js';

/** A moment: a Date or ms since 1970. A part of a ms counts as a whole one. */
export function checkRunAt(value: unknown, path: string, where: Where): number {
  const at = value instanceof Date ? value.getTime() : value;
  if (typeof at === 'number' && at >= 0 && at <= MAX_RUN_AT_MS) return Math.ceil(at);
  throw new InvalidOptionError({
    where,
    path,
    value,
    expected: 'a valid Date, or milliseconds since 1970 up to the year 9999',
  });
}
