import { InvalidOptionError, type Where } from '../../errors/index.js';
import { MAX_PRIORITY } from '../../job/limits.js';
import { resolveBackoff, BACKOFF_DEFAULTS, type Backoff, type ResolvedBackoff } from './backoff-options.js';
import { duration, wholeNumber } from '../check/checks.js';
import { fieldTable, nested, readFields, type Check } from '../check/fields.js';
import { FOREIGN_JOB_OPTIONS } from '../check/foreign-names.js';

/** Words for three priorities. */
export const PRIORITY_WORDS = Object.freeze({ low: -10, normal: 0, high: 10 });

/** A priority: −1000…1000, higher runs first; or a word for −10, 0, 10. */
export type Priority = number | keyof typeof PRIORITY_WORDS;

/** How long one job is kept after its end. It can only change the age that its queue would keep it to. */
export interface KeepAge {
  /** 0 deletes the job at its end. */
  readonly ageMs: number;
}

/** The options of a job that can have a default, for a queue, a handler or a worker. */
export interface JobDefaults {
  /** How many times the job runs before it fails for good, when it throws or times out. @default 10 */
  readonly maxAttempts?: number | undefined;
  /** How many times its worker may vanish while it runs. @default 3 */
  readonly maxStalls?: number | undefined;
  /** How many times in a row it may be tried again without being counted (snooze, `isFailure`). @default 1000 */
  readonly maxUncounted?: number | undefined;
  /** The wait between attempts. @default exponential, 1 s to 1 h, jitter 0.25 */
  readonly backoff?: Backoff | undefined;
  /** How long one attempt may run. @default no bound */
  readonly timeoutMs?: number | undefined;
  /** How long after being added the job may still start; later it is not worth running. @default no bound */
  readonly expiresInMs?: number | undefined;
  /** Higher runs first. BullMQ: the other way round. @default 0 */
  readonly priority?: Priority | undefined;
  /** How long the job is kept after its end; `failed` stands for timed_out and broken as well. @default as the queue says */
  readonly keep?: { readonly completed?: KeepAge | undefined; readonly failed?: KeepAge | undefined } | undefined;
}

/** {@link JobDefaults} as checked: only what was said, in the form that inner code works with. */
export interface ResolvedJobDefaults {
  readonly maxAttempts?: number;
  readonly maxStalls?: number;
  readonly maxUncounted?: number;
  readonly backoff?: ResolvedBackoff;
  readonly timeoutMs?: number;
  readonly expiresInMs?: number;
  readonly priority?: number;
  readonly keep?: ResolvedKeep;
}

/** How long one job is kept, as checked. */
export interface ResolvedKeep {
  readonly completed?: KeepAge;
  readonly failed?: KeepAge;
}

/** What holds for a job where neither it, nor its handler, queue or worker says otherwise. */
export const JOB_DEFAULTS = Object.freeze({
  maxAttempts: 10,
  maxStalls: 3,
  maxUncounted: 1_000,
  backoff: Object.freeze({ type: 'exponential', ...BACKOFF_DEFAULTS.exponential } as const),
  priority: 0,
}) satisfies ResolvedJobDefaults;

const AGE = fieldTable<KeepAge>({ ageMs: duration() });
const KEEP = fieldTable<ResolvedKeep>({ completed: checkKeepAge, failed: checkKeepAge });

/** The checks of {@link JobDefaults}; `JobOptions` has them too. */
export const JOB_DEFAULT_CHECKS = Object.freeze({
  maxAttempts: wholeNumber(1, 1_000_000),
  maxStalls: wholeNumber(0, 1_000),
  maxUncounted: wholeNumber(1, 1_000_000),
  backoff: resolveBackoff,
  timeoutMs: duration({ min: 1 }),
  expiresInMs: duration({ min: 1 }),
  priority: checkPriority,
  keep: nested(KEEP) as Check<ResolvedKeep>,
});

const TABLE = fieldTable<ResolvedJobDefaults>(JOB_DEFAULT_CHECKS, FOREIGN_JOB_OPTIONS);
const NOTHING: ResolvedJobDefaults = Object.freeze({});

/**
 * Checks defaults for jobs.
 *
 * @throws InvalidOptionError, UnknownOptionError
 */
export function resolveJobDefaults(input: JobDefaults | undefined, where: Where, path = ''): ResolvedJobDefaults {
  return input === undefined ? NOTHING : Object.freeze(readFields(input, TABLE, where, path));
}

/** Defaults with a value for each option that has one. */
export type LayeredJobDefaults = ResolvedJobDefaults & Required<Pick<ResolvedJobDefaults, keyof typeof JOB_DEFAULTS>>;

/**
 * Lays defaults over each other, the library's own below all: what a later one says holds. Only `keep` is merged, as
 * its two halves are options of their own.
 */
export function layerJobDefaults(...weakestFirst: readonly ResolvedJobDefaults[]): LayeredJobDefaults {
  const keeps = weakestFirst.flatMap(({ keep }) => (keep === undefined ? [] : [keep]));
  const keep = keeps.length === 0 ? {} : { keep: Object.freeze(Object.assign({}, ...keeps) as ResolvedKeep) };
  return Object.freeze(Object.assign({}, JOB_DEFAULTS, ...weakestFirst, keep) as LayeredJobDefaults);
}

function checkPriority(value: unknown, path: string, where: Where): number {
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= MAX_PRIORITY) {
    return value === 0 ? 0 : value; // -0 would be stored as another text
  }
  if (value === 'low' || value === 'normal' || value === 'high') return PRIORITY_WORDS[value];
  const isBullMq = typeof value === 'number' && value > MAX_PRIORITY;
  throw new InvalidOptionError({
    where,
    path,
    value,
    expected: `an integer from -${MAX_PRIORITY} to ${MAX_PRIORITY}, or 'low', 'normal' or 'high'`,
    hint: isBullMq ? 'Higher runs first here (BullMQ: lower first).' : undefined,
  });
}

function checkKeepAge(value: unknown, path: string, where: Where): KeepAge {
  const { ageMs } = readFields(value, AGE, where, path);
  if (ageMs === undefined) throw new InvalidOptionError({ where, path, value, expected: '{ ageMs: milliseconds }' });
  return Object.freeze({ ageMs });
}
