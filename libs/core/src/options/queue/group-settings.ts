import type { Where } from '../../errors/index.js';
import { fieldTable, readFields } from '../check/fields.js';
import { concurrencyLimit, orNull, rateLimit, type RateLimit } from './limit-options.js';

/** Limits of each group of a queue, or of one. */
export interface GroupLimits {
  /** How many of its jobs run at once, over all workers. @default no bound */
  readonly concurrency?: number;
  /** How many of its jobs start in a time. @default no bound */
  readonly rateLimit?: RateLimit;
}

/** A change of {@link GroupLimits}: only what is named changes, and `null` takes a limit away. */
export interface GroupLimitsPatch {
  readonly concurrency?: number | null | undefined;
  readonly rateLimit?: RateLimit | null | undefined;
}

/** A {@link GroupLimitsPatch} as checked. */
export interface ResolvedGroupLimits {
  readonly concurrency?: number | null;
  readonly rateLimit?: RateLimit | null;
}

/** The options of {@link GroupLimitsPatch}. */
export const GROUP_LIMITS = fieldTable<ResolvedGroupLimits>({
  concurrency: orNull(concurrencyLimit),
  rateLimit: orNull(rateLimit),
});

/** @throws InvalidOptionError, UnknownOptionError */
export function resolveGroupLimits(input: GroupLimitsPatch, where: Where): ResolvedGroupLimits {
  return readFields(input, GROUP_LIMITS, where);
}
