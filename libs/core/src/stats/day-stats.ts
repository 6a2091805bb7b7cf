import { BUCKETS } from './buckets.js';

/** How often what happened. All but `completed` are counted where they happen, atomically with it. */
export interface JobTotals {
  readonly completed: number;
  /** Jobs that ended as failed, for good; a later retry takes nothing back. */
  readonly failed: number;
  readonly timedOut: number;
  readonly broken: number;
  /** Cancelled or expired. */
  readonly cancelled: number;
  /** Attempts that failed, or passed their deadline, and were followed by another. */
  readonly retried: number;
  /** Times that the worker of a running job vanished. */
  readonly stalled: number;
}

/** How long something took, over many times. */
export interface Spread {
  readonly count: number;
  /** 0 without any. */
  readonly meanMs: number;
  /** The standard deviation, of all that was counted. */
  readonly deviationMs: number;
  /** How many times were up to each bound and above the one before; the last bound is `Infinity`. */
  readonly histogram: readonly { readonly upToMs: number; readonly count: number }[];
}

/** What was counted on a day, for a queue or for the jobs of one name. */
export interface DayStats extends JobTotals {
  /** By UTC: `2026-01-31`. */
  readonly day: string;
  /** All attempts that failed on that day: retried, failed, timed out. */
  readonly failures: number;
  /** How long attempts ran, whatever came of them but a snooze, a move, or a cancellation. */
  readonly run: Spread;
  /** From the moment in which a job was due (added, or its delay over) to the start of its first attempt. */
  readonly wait: Spread;
}

/** What happened in a minute. */
export interface MinuteStats extends JobTotals {
  /** The beginning of the minute. */
  readonly at: Date;
}

export const DAY_MS = 86_400_000;
const LETTERS = 7;
/** Values that a day has in a reply. */
export const DAY_ROW = LETTERS + 2;

type Values = readonly (string | number | null | undefined)[];

/** Reads counts in the order of the core's letters. */
export function decodeTotals(values: Values): JobTotals {
  const [completed = 0, failed = 0, timedOut = 0, broken = 0, cancelled = 0, retried = 0, stalled = 0] = values
    .slice(0, LETTERS)
    .map(Number);
  return { completed, failed, timedOut, broken, cancelled, retried, stalled };
}

/** @param day days since 1970 */
export function decodeDay(day: number, values: Values): DayStats {
  const totals = decodeTotals(values);
  return {
    day: new Date(day * DAY_MS).toISOString().slice(0, 10),
    ...totals,
    failures: totals.retried + totals.failed + totals.timedOut,
    run: decodeSpread(values[LETTERS]),
    wait: decodeSpread(values[LETTERS + 1]),
  };
}

function decodeSpread(text: string | number | null | undefined): Spread {
  const [count = 0, meanMs = 0, squares = 0, ...counts] = text ? String(text).split(',').map(Number) : [];
  return {
    count,
    meanMs,
    deviationMs: count === 0 ? 0 : Math.sqrt(squares / count),
    histogram: BUCKETS.map((upToMs, i) => ({ upToMs, count: counts[i] ?? 0 })),
  };
}
