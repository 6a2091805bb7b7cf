import { types } from 'node:util';

import { describeError } from '../errors/index.js';
import type { ActiveJob } from '../job/active-job.js';
import { JOB_DEFAULTS, type BackoffFunction, type ResolvedBackoff } from '../options/index.js';
import { backoffMs, customBackoffMs, type Random } from './backoff.js';

/** What choosing a wait needs from its surroundings. */
export interface BackoffMeans {
  readonly random: Random;
  /** The functions that the worker registered. */
  readonly custom: ReadonlyMap<string, BackoffFunction>;
  /** Told when a function is missing or gives no wait; the default backoff is taken then. */
  readonly warn: (message: string) => void;
}

/**
 * How long this job waits, by whatever backoff it has. A function that is missing, throws, or gives anything but a
 * number of ms (a promise, NaN, a negative one) is told of and replaced by the default backoff: a job is never lost to it.
 *
 * @param n which wait this is, from 1
 */
export function chooseBackoffMs(
  backoff: ResolvedBackoff,
  n: number,
  error: Error,
  job: ActiveJob,
  { random, custom, warn }: BackoffMeans,
): number {
  if (backoff.type !== 'custom') return backoffMs(backoff, n, random);
  const [ms, problem] = callCustom(custom.get(backoff.name), n, error, job);
  if (ms !== undefined) return ms;
  warn(`Backoff "${backoff.name}" of job ${job.queue}/${job.id} ${problem}. The default backoff is used.`);
  return backoffMs(JOB_DEFAULTS.backoff, n, random);
}

function callCustom(
  run: BackoffFunction | undefined,
  n: number,
  error: Error,
  job: ActiveJob,
): readonly [ms: number | undefined, problem: string] {
  if (run === undefined) return [undefined, 'is not registered: give it to the worker in backoffs'];
  try {
    const value: unknown = run(n, error, job);
    if (types.isPromise(value)) value.catch(() => undefined); // Its rejection must not end the process.
    return [customBackoffMs(value), 'gave no number of ms (it cannot be async)'];
  } catch (thrown) {
    return [undefined, `threw: ${describeError(thrown).message}`];
  }
}
