import { InvalidOptionError, type Where } from '../../errors/index.js';
import type { JobRun } from '../../job/job-run.js';
import { callable, oneOf, wholeNumber } from '../check/checks.js';
import { fieldTable, readFields, requireField } from '../check/fields.js';
import { resolveBackoff, type Backoff, type ResolvedBackoff } from '../job/backoff-options.js';
import type { FailureInfo } from './worker-hooks.js';

/** A class of errors, abstract ones too. */
export type ErrorClass = abstract new (...args: never[]) => Error;

/** What becomes of attempts that threw an error of some classes. Of a list of rules the first that fits counts. */
export interface ErrorRule {
  /** The classes; errors of classes that extend them fit as well. */
  readonly on: ErrorClass | readonly ErrorClass[];
  /**
   * `retry`: a failure, and another attempt while some are left; `uncounted`: another attempt, and nothing is counted (but
   * `maxUncounted`); `fail`: no other attempt; `cancel`: the job is cancelled. @default 'retry'
   */
  readonly mode?: 'retry' | 'uncounted' | 'fail' | 'cancel' | undefined;
  /** The wait before the next attempt, counted by the attempts of this job that ended by the same kind of error. @default the job's */
  readonly backoff?: Backoff | undefined;
  /** How many attempts of a job may end by the same kind of error and be followed by another: 1 to 90. @default no bound of its own */
  readonly max?: number | undefined;
  /** Told of such an end once Redis has accepted it, before the hooks are. Like a hook it changes nothing. */
  readonly tell?: ((run: JobRun, error: Error, info: FailureInfo) => unknown) | undefined;
}

/** An {@link ErrorRule} as checked. */
export interface ResolvedErrorRule {
  readonly on: readonly ErrorClass[];
  readonly mode: 'retry' | 'uncounted' | 'fail' | 'cancel';
  readonly backoff?: ResolvedBackoff;
  readonly max?: number;
  readonly tell?: (run: JobRun, error: Error, info: FailureInfo) => unknown;
}

/** A history has a hundred entries: of more it could not be said how many there were. */
const MAX_MAX = 90;

const TABLE = fieldTable<ResolvedErrorRule>({
  on: (value, path, where) => checkErrorClasses(Array.isArray(value) ? value : [value], path, where),
  mode: oneOf('retry', 'uncounted', 'fail', 'cancel'),
  backoff: resolveBackoff,
  max: wholeNumber(1, MAX_MAX),
  tell: callable<NonNullable<ResolvedErrorRule['tell']>>(),
});

/** Checks a list of rules. */
export function resolveErrorRules(value: unknown, path: string, where: Where): readonly ResolvedErrorRule[] {
  if (!Array.isArray(value)) {
    throw new InvalidOptionError({ where, path, value, expected: 'a list of rules { on: SomeError, mode: … }' });
  }
  return Object.freeze(
    value.map((rule: unknown, i) => {
      const said = readFields(rule, TABLE, where, `${path}.${i}`);
      requireField(said.on, `${path}.${i}.on`, 'a class of errors, or several', where);
      return Object.freeze({ mode: 'retry', ...said } as ResolvedErrorRule);
    }),
  );
}

/** Checks a list of classes of errors. */
export function checkErrorClasses(value: unknown, path: string, where: Where): readonly ErrorClass[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'function')) {
    return Object.freeze([...value] as ErrorClass[]);
  }
  throw new InvalidOptionError({ where, path, value, expected: 'a list of error classes' });
}
