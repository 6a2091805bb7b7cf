import { InvalidOptionError, type Where } from '../../errors/index.js';
import { duration, oneOf } from '../check/checks.js';
import { fieldTable, readFields } from '../check/fields.js';

/** How a worker holds its jobs. */
export interface LeaseOptions {
  /**
   * How long jobs stay held without a renewal; it is renewed at a third of this. A worker that vanished is noticed after
   * it. At least 100; in production not below 5,000, or a slow network costs leases. @default 30000
   */
  readonly durationMs?: number | undefined;
  /**
   * How long started jobs stay held while the event loop is blocked; `Infinity` is allowed. It bounds the promise that a
   * busy handler is not run twice. @default 300000 (5 min)
   */
  readonly blockedLimitMs?: number | undefined;
  /** Where the lease is renewed: a thread of its own, or this one (which a CPU-bound handler keeps from it). @default 'thread' */
  readonly keeper?: 'thread' | 'main' | undefined;
}

/** {@link LeaseOptions} as checked. */
export interface ResolvedLeaseOptions {
  readonly durationMs: number;
  readonly blockedLimitMs: number;
  readonly keeper: 'thread' | 'main';
}

/** What an option of a lease is when it is left out. */
export const LEASE_DEFAULTS: ResolvedLeaseOptions = Object.freeze({
  durationMs: 30_000,
  blockedLimitMs: 300_000,
  keeper: 'thread',
});

const MAX_LEASE_MS = 24 * 60 * 60 * 1_000;

const TABLE = fieldTable<ResolvedLeaseOptions>({
  durationMs: duration({ min: 100, max: MAX_LEASE_MS }),
  blockedLimitMs: duration({ min: 100, infinite: true }),
  keeper: oneOf('thread', 'main'),
});

/** Checks the options of a lease. */
export function resolveLeaseOptions(input: unknown, path: string, where: Where): ResolvedLeaseOptions {
  const said = readFields(input, TABLE, where, path);
  const resolved = { ...LEASE_DEFAULTS, ...said };
  if (resolved.blockedLimitMs < resolved.durationMs) {
    throw new InvalidOptionError({
      where,
      path: `${path}.blockedLimitMs`,
      value: resolved.blockedLimitMs,
      expected: `at least lease.durationMs (${resolved.durationMs})`,
      hint: 'Below it every renewal that is late would lose running jobs.',
    });
  }
  return Object.freeze(resolved);
}
