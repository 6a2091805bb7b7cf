import { InvalidOptionError, type Where } from '../../errors/index.js';
import { callable, wholeNumber } from '../check/checks.js';
import { fieldTable, readFields } from '../check/fields.js';
import { MAX_CONCURRENCY } from './handler-options.js';

/** How many jobs a worker runs at once: a number, no bound, or a number and a question that is asked before taking more. */
export type Concurrency =
  number | 'unlimited' | { readonly max: number; readonly when: () => boolean | Promise<boolean> };

/** {@link Concurrency} as checked; `max` is Infinity for `'unlimited'`. */
export interface ResolvedConcurrency {
  readonly max: number;
  /** Asked before more jobs are taken; `undefined` takes them always. */
  readonly when: (() => boolean | Promise<boolean>) | undefined;
}

interface Gated {
  readonly max: number;
  readonly when: () => boolean | Promise<boolean>;
}

const checkMax = wholeNumber(1, MAX_CONCURRENCY, () => "Write 'unlimited' for no bound.");
const TABLE = fieldTable<Gated>({ max: checkMax, when: callable<Gated['when']>() });

/** Checks how many jobs may run at once. */
export function resolveConcurrency(value: unknown, path: string, where: Where): ResolvedConcurrency {
  if (value === 'unlimited') return Object.freeze({ max: Infinity, when: undefined });
  if (typeof value !== 'object' || value === null)
    return Object.freeze({ max: checkMax(value, path, where), when: undefined });
  const { max, when } = readFields(value, TABLE, where, path);
  if (max === undefined || when === undefined) {
    throw new InvalidOptionError({
      where,
      path,
      value,
      expected: "an integer, 'unlimited', or { max, when: () => boolean }",
    });
  }
  return Object.freeze({ max, when });
}
