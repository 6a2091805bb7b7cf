import { InvalidOptionError, type Where } from '../errors/index.js';
import { validateName } from '../job/names.js';
import { wholeNumber } from '../options/check/checks.js';
import { fieldTable, readFields } from '../options/index.js';
import { scripts } from '../redis/index.js';
import {
  DAY_MS,
  DAY_ROW,
  decodeDay,
  decodeTotals,
  type DayStats,
  type JobTotals,
  type MinuteStats,
} from '../stats/index.js';
import type { QueueContext } from './queue-context.js';

/** Which day. */
export interface DayOptions {
  /** By UTC, as `2026-01-31`, or a moment of it. @default today, by the clock of Redis */
  readonly day?: string | Date | undefined;
}

/** Which statistics of a day to read. */
export interface StatsOptions extends DayOptions {
  /** The name of a job; past a thousand names the rest are counted as `*`. @default all jobs of the queue */
  readonly name?: string | undefined;
}

/** Of how many minutes to read the throughput. */
export interface ThroughputOptions {
  /** 1 to 1,440, the present one included. @default 60 */
  readonly minutes?: number | undefined;
}

/** The statistics of one name. */
export type NameStats = DayStats & { readonly name: string };

/** Names asked for in one call. */
const PAGE = 100;
const MAX_DAYS = 400;

const DAY = fieldTable<{ day: string }>({ day: checkDay });
const STATS = fieldTable<{ day: string; name: string }>({ day: checkDay, name: (value) => validateName('job', value) });
const MINUTES = fieldTable<{ minutes: number }>({ minutes: wholeNumber(1, 1_440) });

/** @throws InvalidOptionError, UnknownOptionError, InvalidNameError */
export async function dayStats(queue: QueueContext, options: StatsOptions): Promise<DayStats> {
  const { day = '', name = '' } = readFields(options, STATS, () => `stats('${queue.name}')`);
  const reply = await queue.ask(scripts.dayStats, { now: queue.now, day, names: [name] });
  return decodeDay(day === '' ? reply.day : Number(day), reply.rows);
}

/** @throws InvalidOptionError, UnknownOptionError */
export async function statsByName(queue: QueueContext, options: DayOptions): Promise<NameStats[]> {
  const { day = '' } = readFields(options, DAY, () => `statsByName('${queue.name}')`);
  const known = await queue.ask(scripts.dayStats, { now: queue.now, day, names: [] });
  const asked = day === '' ? String(known.day) : day;
  const found: NameStats[] = [];
  for (let from = 0; from < known.rows.length; from += PAGE) {
    const names = known.rows.slice(from, from + PAGE).map(String);
    const { rows } = await queue.ask(scripts.dayStats, { now: queue.now, day: asked, names });
    names.forEach((name, i) => {
      const values = rows.slice(i * DAY_ROW, (i + 1) * DAY_ROW);
      if (values.some((value) => value !== null)) found.push({ name, ...decodeDay(Number(asked), values) });
    });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @throws InvalidOptionError */
export async function statsHistory(queue: QueueContext, days: number): Promise<DayStats[]> {
  wholeNumber(1, MAX_DAYS)(days, 'days', () => `statsHistory('${queue.name}')`);
  const { day, rows } = await queue.ask(scripts.statsHistory, { now: queue.now, days });
  return Array.from({ length: days }, (_, i) =>
    decodeDay(day - days + 1 + i, rows.slice(i * DAY_ROW, (i + 1) * DAY_ROW)),
  );
}

export async function jobTotals(queue: QueueContext): Promise<JobTotals> {
  const { rows } = await queue.ask(scripts.dayStats, { now: queue.now, day: 'all', names: [''] });
  return decodeTotals(rows);
}

/** @throws InvalidOptionError, UnknownOptionError */
export async function readThroughput(queue: QueueContext, options: ThroughputOptions): Promise<MinuteStats[]> {
  const { minutes = 60 } = readFields(options, MINUTES, () => `throughput('${queue.name}')`);
  const { minute, rows } = await queue.ask(scripts.throughput, { now: queue.now, count: minutes });
  return rows.map((text, i) => ({
    at: new Date((minute - minutes + 1 + i) * 60_000),
    ...decodeTotals(text === '' ? [] : text.split(',')),
  }));
}

/** Days since 1970, as text. */
function checkDay(value: unknown, path: string, where: Where): string {
  const isText = typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value);
  const ms = isText ? Date.parse(`${value}T00:00:00Z`) : value instanceof Date ? value.getTime() : NaN;
  if (ms >= 0 && ms < 1e6 * DAY_MS) return String(Math.floor(ms / DAY_MS));
  throw new InvalidOptionError({ where, path, value, expected: "a day such as '2026-01-31', or a Date" });
}
