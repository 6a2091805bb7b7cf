import type { ResolvedScheduleOptions } from '../options/schedule/schedule-options.js';
import { CronTimes } from './cron.js';

/** The times of a schedule: what there is to know of a pattern or an interval. */
interface Times {
  /** The first time later than this one. */
  after(ms: number): number | undefined;
  /** The last `n` up to this one, oldest first. */
  upTo(ms: number, n: number): number[];
  has(ms: number): boolean;
}

/** What firing comes to: the times that are met, and the next one. */
export interface FiringPlan {
  readonly times: readonly number[];
  /** 0: it fires no more. */
  readonly nextAt: number;
}

/** How far a schedule has come. */
export interface ScheduleProgress {
  /** Its next time; 0 if it will not fire. */
  readonly at: number;
  /** How many jobs it has added. */
  readonly count: number;
}

/** Times met in one call, or looked back for in one go: each takes about 0.1 ms to work out, and the loop must not stand still. */
const STEP = 100;

const crons = new Map<string, CronTimes>();
const MAX_CRONS = 1_000;

/** The first time of a schedule that begins now, 0 if none comes. Later than now in any case. */
export function firstTime(timing: ResolvedScheduleOptions, now: number): number {
  const { everyMs, startAt = 0 } = timing;
  if (everyMs === undefined) return bounded(timing, timesOf(timing, 0).after(Math.max(startAt - 1, now)));
  if (timing.startAt === undefined) return bounded(timing, now + everyMs);
  return bounded(timing, startAt > now ? startAt : timesOf(timing, startAt).after(now));
}

/** The times from now on, `n` at most. */
export function timesToCome(timing: ResolvedScheduleOptions, first: number, n: number): number[] {
  const times: number[] = [];
  const all = timesOf(timing, first);
  for (let at = first; at !== 0 && times.length < n; at = bounded(timing, all.after(at))) times.push(at);
  return times;
}

/**
 * The next time of a schedule that was defined in another way before: one that stayed valid stays. A changed interval moves
 * it by the difference.
 */
export function nextTimeAfterChange(
  timing: ResolvedScheduleOptions,
  was: ResolvedScheduleOptions,
  { at, count }: ScheduleProgress,
  now: number,
): number {
  if (isSpent(timing, count)) return 0;
  if (at === 0) return firstTime(timing, now);
  const { cron, tz, everyMs, startAt } = timing;
  if (startAt === was.startAt && cron === was.cron && tz === was.tz) {
    if (everyMs === was.everyMs) return bounded(timing, at);
    if (everyMs !== undefined && was.everyMs !== undefined && at > now)
      return bounded(timing, Math.max(at - was.everyMs + everyMs, now + 1));
  }
  const isStillDue = at <= now && at >= (startAt ?? 0) && timesOf(timing, startAt ?? at).has(at);
  return isStillDue ? bounded(timing, at) : firstTime(timing, now);
}

/** The next time of a schedule that was paused: what came meanwhile was not to be. */
export function nextTimeAfterPause(
  timing: ResolvedScheduleOptions,
  { at, count }: ScheduleProgress,
  now: number,
): number {
  if (isSpent(timing, count)) return 0;
  return at > now ? at : bounded(timing, timesOf(timing, at).after(now));
}

/**
 * What a schedule whose time `at` has come does now.
 *
 * @param breathe lets other things run, where this takes long
 */
export async function planFiring(
  timing: ResolvedScheduleOptions,
  { at, count }: ScheduleProgress,
  now: number,
  breathe: () => Promise<void>,
): Promise<FiringPlan> {
  const all = timesOf(timing, at);
  const until = Math.min(now, timing.endAt ?? now);
  if (timing.missed === 'all') {
    const oldest = timing.backlog === undefined ? at : await oldestOf(timing.backlog, all, at, until, breathe);
    const times = [oldest];
    const most = Math.min(STEP, leftOf(timing, count) || STEP);
    let next = all.after(oldest);
    while (next !== undefined && next <= until && times.length < most) {
      times.push(next);
      next = all.after(next);
    }
    return { times, nextAt: bounded(timing, next) };
  }
  const last = Math.max(at, all.upTo(until, 1)[0] ?? at);
  const isMissed = timing.missed === 'skip' && now - last > timing.missedAfterMs;
  return { times: isMissed ? [] : [last], nextAt: bounded(timing, all.after(now)) };
}

/** The first of the last `n` times up to `until`, and none before `at`: looked for backwards, a part at a time. */
async function oldestOf(
  n: number,
  all: Times,
  at: number,
  until: number,
  breathe: () => Promise<void>,
): Promise<number> {
  let oldest = until + 1;
  for (let left = n; left > 0 && oldest > at; left -= STEP) {
    const [first] = all.upTo(oldest - 1, Math.min(left, STEP));
    if (first === undefined) break;
    oldest = first;
    await breathe();
  }
  return oldest > until ? at : Math.max(at, oldest);
}

/** How many jobs it may still add, 0 = no bound. */
export function leftOf({ limit }: ResolvedScheduleOptions, count: number): number {
  return limit === undefined ? 0 : Math.max(1, limit - count);
}

function isSpent({ limit }: ResolvedScheduleOptions, count: number): boolean {
  return limit !== undefined && count >= limit;
}

function bounded({ endAt }: ResolvedScheduleOptions, at: number | undefined): number {
  return at === undefined || (endAt !== undefined && at > endAt) ? 0 : at;
}

/** @param at a time of the schedule: those of an interval are counted from it */
function timesOf({ cron, tz = 'UTC', everyMs = 0 }: ResolvedScheduleOptions, at: number): Times {
  return cron === undefined ? new IntervalTimes(everyMs, at) : cronTimes(cron, tz);
}

/** To read a pattern takes longer than to use it. */
function cronTimes(pattern: string, tz: string): CronTimes {
  const key = `${tz} ${pattern}`;
  let times = crons.get(key);
  if (times === undefined) {
    if (crons.size >= MAX_CRONS) crons.clear();
    times = new CronTimes(pattern, tz);
    crons.set(key, times);
  }
  return times;
}

class IntervalTimes implements Times {
  readonly #every: number;
  readonly #from: number;

  constructor(every: number, from: number) {
    this.#every = every;
    this.#from = from;
  }

  after(ms: number): number {
    return this.#from + (Math.floor((ms - this.#from) / this.#every) + 1) * this.#every;
  }

  upTo(ms: number, n: number): number[] {
    const last = this.after(ms) - this.#every;
    return Array.from({ length: n }, (_, i) => last - (n - 1 - i) * this.#every).filter((time) => time >= this.#from);
  }

  has(ms: number): boolean {
    return (ms - this.#from) % this.#every === 0;
  }
}
