import { InvalidOptionError, type Where } from '../../errors/index.js';
import { duration, fraction, nameOf, oneOf } from '../check/checks.js';
import { fieldTable, readFields, requireField, type FieldTable } from '../check/fields.js';
import { FOREIGN_BACKOFF_OPTIONS } from '../check/foreign-names.js';

/** The same delay after each failure. */
export interface FixedBackoff {
  readonly type: 'fixed';
  readonly delayMs: number;
  /** 0…1: the part of the delay that is drawn at random, always to the shorter side. @default 0 */
  readonly jitter?: number | undefined;
}

/** `delayMs`, and twice as long after each further failure. */
export interface ExponentialBackoff {
  readonly type: 'exponential';
  readonly delayMs: number;
  /** The longest delay. @default 3600000 (one hour) */
  readonly maxMs?: number | undefined;
  /** 0…1: the part of the delay that is drawn at random, always to the shorter side. @default 0.25 */
  readonly jitter?: number | undefined;
}

/** Sidekiq's: n⁴ + 15 + rand(30)·(n + 1) seconds after the n-th failure. */
export interface SidekiqBackoff {
  readonly type: 'sidekiq';
}

/** A function that the worker registered under this name in `backoffs`. */
export interface CustomBackoff {
  readonly type: 'custom';
  readonly name: string;
}

/** How long a job waits before it is tried again. */
export type Backoff = FixedBackoff | ExponentialBackoff | SidekiqBackoff | CustomBackoff;

/** A backoff with nothing left open. */
export type ResolvedBackoff =
  | { readonly type: 'fixed'; readonly delayMs: number; readonly jitter: number }
  | { readonly type: 'exponential'; readonly delayMs: number; readonly maxMs: number; readonly jitter: number }
  | SidekiqBackoff
  | CustomBackoff;

/** What a backoff does where it does not say. `exponential` from one second is also the backoff of jobs that name none. */
export const BACKOFF_DEFAULTS = Object.freeze({
  fixed: Object.freeze({ jitter: 0 }),
  exponential: Object.freeze({ delayMs: 1_000, maxMs: 3_600_000, jitter: 0.25 }),
});

const TABLES: ReadonlyMap<unknown, FieldTable<Backoff>> = new Map<unknown, FieldTable<Backoff>>([
  [
    'fixed',
    fieldTable<FixedBackoff>({ type: oneOf('fixed'), delayMs: duration(), jitter: fraction }, FOREIGN_BACKOFF_OPTIONS),
  ],
  [
    'exponential',
    fieldTable<ExponentialBackoff>(
      { type: oneOf('exponential'), delayMs: duration(), maxMs: duration(), jitter: fraction },
      FOREIGN_BACKOFF_OPTIONS,
    ),
  ],
  ['sidekiq', fieldTable<SidekiqBackoff>({ type: oneOf('sidekiq') }, FOREIGN_BACKOFF_OPTIONS)],
  ['custom', fieldTable<CustomBackoff>({ type: oneOf('custom'), name: nameOf('backoff') }, FOREIGN_BACKOFF_OPTIONS)],
]);

/** Checks a backoff and fills in what it leaves open. */
export function resolveBackoff(input: unknown, path: string, where: Where): ResolvedBackoff {
  const type: unknown = typeof input === 'object' && input !== null ? (input as { type?: unknown }).type : undefined;
  const table = TABLES.get(type);
  if (table === undefined) {
    const expected = `a backoff such as { type: 'exponential', delayMs: 1000 } (fixed, exponential, sidekiq or custom)`;
    throw new InvalidOptionError({ where, path, value: input, expected });
  }
  return Object.freeze(complete(readFields(input, table, where, path) as Backoff, path, where));
}

function complete(backoff: Backoff, path: string, where: Where): ResolvedBackoff {
  switch (backoff.type) {
    case 'fixed':
      requireField(backoff.delayMs, `${path}.delayMs`, 'milliseconds', where);
      return { ...BACKOFF_DEFAULTS.fixed, ...backoff } as ResolvedBackoff;
    case 'exponential':
      requireField(backoff.delayMs, `${path}.delayMs`, 'milliseconds', where);
      return { ...BACKOFF_DEFAULTS.exponential, ...backoff } as ResolvedBackoff;
    case 'sidekiq':
      return backoff;
    case 'custom':
      requireField(backoff.name, `${path}.name`, 'the name of a function in backoffs of the worker', where);
      return backoff;
  }
}
