import { InvalidOptionError } from '../errors/index.js';
import type { ActiveJob } from '../job/active-job.js';
import type { Check } from './check/fields.js';

/**
 * Stands around each run of a handler: what it returns is the result, what it throws is the error. `next()` runs what is
 * further in; it may be called not at all (what is returned is then the result), or again.
 *
 * @example
 * const timed: RunMiddleware = async (job, next) => {
 *   const from = performance.now();
 *   try { return await next(); } finally { observe(job.name, performance.now() - from); }
 * };
 */
export type RunMiddleware = (job: ActiveJob, next: () => Promise<unknown>) => unknown;

/** A check for a list of functions. */
export function functionList<T>(): Check<readonly T[]> {
  return (value, path, where) => {
    if (Array.isArray(value) && value.every((item) => typeof item === 'function'))
      return Object.freeze([...value] as T[]);
    throw new InvalidOptionError({ where, path, value, expected: 'a list of functions (…, next) => …' });
  };
}
