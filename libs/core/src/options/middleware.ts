import { InvalidOptionError } from '../errors/index.js';
import type { ActiveJob } from '../job/active-job.js';
import type { Job } from '../job/job.js';
import type { Check } from './check/fields.js';
import type { JobOptions } from './job/job-options.js';

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

/** A job on its way into a queue, as {@link AddMiddleware} sees it: nothing of it is checked yet. */
export interface AddDraft {
  readonly queue: string;
  readonly name: string;
  readonly data: unknown;
  readonly options: JobOptions | undefined;
}

/**
 * Stands around each adding of a job. `next()` adds it and gives the job; `next({ data, options })` adds it with changes;
 * what throws refuses it. In `addMany()` a refusal is one of the whole batch.
 */
export type AddMiddleware = (
  draft: AddDraft,
  next: (changes?: Partial<Pick<AddDraft, 'name' | 'data' | 'options'>>) => Promise<Job>,
) => Promise<Job>;

/** A check for a list of functions. */
export function functionList<T>(): Check<readonly T[]> {
  return (value, path, where) => {
    if (Array.isArray(value) && value.every((item) => typeof item === 'function'))
      return Object.freeze([...value] as T[]);
    throw new InvalidOptionError({ where, path, value, expected: 'a list of functions (…, next) => …' });
  };
}
