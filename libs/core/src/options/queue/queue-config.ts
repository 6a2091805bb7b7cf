import type { Where } from '../../errors/index.js';
import { duration, wholeNumber } from '../check/checks.js';
import { fieldTable, nested, readFields, type Check } from '../check/fields.js';
import { GROUP_LIMITS, type GroupLimits, type GroupLimitsPatch, type ResolvedGroupLimits } from './group-settings.js';
import { concurrencyLimit, orNull, rateLimit, type RateLimit } from './limit-options.js';

/** How many finished jobs of a state are kept, and how long; whichever is less. */
export interface Retention {
  /** The newest so many. */
  readonly count: number;
  readonly ageMs: number;
}

/** The live configuration of a queue: kept in Redis, the same for every worker, changed while they run. */
export interface QueueConfig {
  /** The lease of every worker. @default what each worker says */
  readonly leaseMs?: number;
  /**
   * How much longer than its lease a worker that is late keeps its jobs, once, after it was told: less runs twice, and what a
   * dead worker held waits so much longer. A lease has the time of three renewals in it already. @default 0
   */
  readonly graceMs?: number;
  /** How many jobs run at once, over all workers. @default no bound */
  readonly concurrency?: number;
  /** How many jobs start in a time, over all workers. @default no bound */
  readonly rateLimit?: RateLimit;
  /** Limits of each group that has none of its own. @default none */
  readonly groups?: GroupLimits;
  /** For how many days statistics are kept, today included. @default 90 */
  readonly statsDays?: number;
  /** How finished jobs are kept, by state. @default completed and cancelled 1,000 and 24 h; the others 10,000 and 30 days */
  readonly keep: Readonly<Record<FinalState, Retention>>;
}

/** The states that a job ends in. */
export type FinalState = 'completed' | 'failed' | 'timed_out' | 'broken' | 'cancelled';

/** A setting of a {@link QueueConfig}. */
export type QueueSetting = keyof QueueConfig;

/** A change of a {@link QueueConfig}: only what is named changes, and `null` takes a setting away. */
export interface QueueConfigPatch {
  readonly leaseMs?: number | null | undefined;
  readonly graceMs?: number | null | undefined;
  readonly concurrency?: number | null | undefined;
  readonly rateLimit?: RateLimit | null | undefined;
  readonly groups?: GroupLimitsPatch | null | undefined;
  readonly statsDays?: number | null | undefined;
  readonly keep?:
    | {
        readonly [S in FinalState]?:
          { readonly count?: number | undefined; readonly ageMs?: number | undefined } | null | undefined;
      }
    | null
    | undefined;
}

/** A {@link QueueConfigPatch} as checked. */
export interface ResolvedQueueConfigPatch {
  readonly leaseMs?: number | null;
  readonly graceMs?: number | null;
  readonly concurrency?: number | null;
  readonly rateLimit?: RateLimit | null;
  readonly groups?: ResolvedGroupLimits | null;
  readonly statsDays?: number | null;
  readonly keep?: { readonly [S in FinalState]?: Partial<Retention> | null } | null;
}

const DAY_MS = 24 * 60 * 60 * 1_000;
const SHORT: Retention = Object.freeze({ count: 1_000, ageMs: DAY_MS });
const LONG: Retention = Object.freeze({ count: 10_000, ageMs: 30 * DAY_MS });

/** What holds for a queue that was never configured. */
export const QUEUE_CONFIG_DEFAULTS: QueueConfig = Object.freeze({
  keep: Object.freeze({ completed: SHORT, failed: LONG, timed_out: LONG, broken: LONG, cancelled: SHORT }),
});

const RETENTION = orNull(
  nested(fieldTable<Retention>({ count: wholeNumber(0, 10_000_000), ageMs: duration() })) as Check<Retention>,
);

const KEEP = fieldTable<Record<FinalState, Retention | null>>({
  completed: RETENTION,
  failed: RETENTION,
  timed_out: RETENTION,
  broken: RETENTION,
  cancelled: RETENTION,
});

const TABLE = fieldTable<ResolvedQueueConfigPatch>({
  leaseMs: orNull(duration({ min: 100, max: DAY_MS })),
  graceMs: orNull(duration({ max: DAY_MS })),
  concurrency: orNull(concurrencyLimit),
  rateLimit: orNull(rateLimit),
  groups: orNull(nested(GROUP_LIMITS)) as Check<ResolvedGroupLimits | null>,
  statsDays: orNull(wholeNumber(1, 3_650)),
  keep: orNull(nested(KEEP)) as Check<NonNullable<ResolvedQueueConfigPatch['keep']> | null>,
});

/**
 * Checks a change of a queue's configuration.
 *
 * @throws InvalidOptionError, UnknownOptionError
 */
export function resolveQueueConfigPatch(input: QueueConfigPatch, where: Where): ResolvedQueueConfigPatch {
  return Object.freeze(readFields(input, TABLE, where));
}

/**
 * Checks names of settings.
 *
 * @throws UnknownOptionError
 */
export function resolveSettings(names: readonly QueueSetting[], where: Where): readonly QueueSetting[] {
  readFields(Object.fromEntries(names.map((name) => [name, null])), TABLE, where);
  return names;
}
