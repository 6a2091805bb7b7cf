import { InvalidOptionError, type Where } from '../../errors/index.js';
import { hasMintedForm } from '../../job/minted-id.js';
import { validateName } from '../../job/names.js';
import { CronTimes, cronProblem, isTimeZone } from '../../schedule/cron.js';
import { duration, nameOf, oneOf, wholeNumber } from '../check/checks.js';
import { fieldTable, readFields } from '../check/fields.js';
import { FOREIGN_SCHEDULE_OPTIONS } from '../check/foreign-names.js';
import { resolveJobOptions, type FailureJob, type JobOptions, type ResolvedJobOptions } from '../job/job-options.js';
import { checkRunAt } from '../job/run-at.js';

/** At fixed times of a calendar. */
export interface CronTiming {
  /** 5 fields (minute hour day month weekday), or 6 with seconds before them. */
  readonly cron: string;
  /** The time zone in which the pattern is read, such as 'Europe/Berlin'. @default 'UTC' */
  readonly tz?: string | undefined;
  readonly everyMs?: undefined;
}

/** At equal distances. */
export interface IntervalTiming {
  /** The first time is so long after the schedule was declared, or at `startAt`. At least 100. */
  readonly everyMs: number;
  readonly cron?: undefined;
  readonly tz?: undefined;
}

/** When a schedule fires, and what becomes of times at which it could not. */
export type ScheduleOptions = (CronTiming | IntervalTiming) & {
  /** No time before this one: a Date or ms since 1970. Of `everyMs`: the first one. @default now */
  readonly startAt?: Date | number | undefined;
  /** No time after this one. @default none */
  readonly endAt?: Date | number | undefined;
  /** How many jobs it adds at all; then it is over. @default no bound */
  readonly limit?: number | undefined;
  /**
   * What becomes of times that came while no worker ran: `'all'` adds a job for each, `'last'` one for the last of them,
   * `'skip'` none. @default 'last'
   */
  readonly missed?: 'all' | 'last' | 'skip' | undefined;
  /** With `missed: 'all'`: for the last so many only. 1 to 1,000. @default no bound */
  readonly backlog?: number | undefined;
  /** With `missed: 'skip'`: how late a time may be met before it counts as missed. @default 60000 (a minute) */
  readonly missedAfterMs?: number | undefined;
  /** What happens at a time at which the last job of the schedule has not ended: another one, or none. @default 'allow' */
  readonly overlap?: 'allow' | 'skip' | undefined;
  /** A definition of a lower revision never takes the place of one of a higher. Raise it with each change. @default 0 */
  readonly revision?: number | undefined;
  /** Whose it is: `syncSchedules(owner, …)` deletes those of the same owner which it does not name. @default nobody's */
  readonly owner?: string | undefined;
};

/** {@link ScheduleOptions} as checked: either `cron` and `tz`, or `everyMs`; times in ms since 1970. */
export interface ResolvedScheduleOptions {
  readonly cron?: string;
  readonly tz?: string;
  readonly everyMs?: number;
  readonly startAt?: number;
  readonly endAt?: number;
  readonly limit?: number;
  readonly missed: 'all' | 'last' | 'skip';
  readonly backlog?: number;
  readonly missedAfterMs: number;
  readonly overlap: 'allow' | 'skip';
  readonly revision: number;
  readonly owner?: string;
}

/** The job that a schedule adds each time. Its data, at most 64 KiB as JSON text, can be left out where the job wants none. */
export type ScheduledJob<N extends string = string, D = unknown, F extends FailureJob = FailureJob> = {
  readonly name: N;
  /** As of `add()`. Its id and its time come from the schedule. */
  readonly options?:
    | Omit<
        JobOptions<F>,
        'id' | 'idForMs' | 'delayMs' | 'runAt' | 'dependsOn' | 'onDependencyFailure' | 'missingDependency'
      >
    | undefined;
} & (undefined extends D ? { readonly data?: D } : { readonly data: D });

/** What an option of a schedule is when it is left out. */
export const SCHEDULE_DEFAULTS = Object.freeze({
  missed: 'last',
  missedAfterMs: 60_000,
  overlap: 'allow',
  revision: 0,
} as const);

/** The id of a job is that of its schedule and a time. */
const MAX_ID_BYTES = 240;
const MIN_EVERY_MS = 100;

const TABLE = fieldTable<ResolvedScheduleOptions>(
  {
    cron: checkCron,
    tz: checkTimeZone,
    everyMs: duration({ min: MIN_EVERY_MS }),
    startAt: checkRunAt,
    endAt: checkRunAt,
    limit: wholeNumber(1, 1_000_000_000),
    missed: oneOf('all', 'last', 'skip'),
    backlog: wholeNumber(1, 1_000),
    missedAfterMs: duration(),
    overlap: oneOf('allow', 'skip'),
    revision: wholeNumber(0, 1_000_000_000),
    owner: nameOf('owner'),
  },
  FOREIGN_SCHEDULE_OPTIONS,
);

/**
 * Checks when a schedule fires.
 *
 * @throws InvalidOptionError, UnknownOptionError, InvalidNameError
 */
export function resolveScheduleOptions(input: ScheduleOptions, where: Where): ResolvedScheduleOptions {
  const said = readFields(input, TABLE, where);
  refuseContradictions(said, where);
  return Object.freeze({ ...SCHEDULE_DEFAULTS, ...(said.cron === undefined ? {} : { tz: 'UTC' }), ...said });
}

/**
 * Checks the options of the jobs that a schedule adds.
 *
 * @throws InvalidOptionError, UnknownOptionError, InvalidNameError
 */
export function resolveScheduledJobOptions(input: JobOptions | undefined, where: Where): ResolvedJobOptions {
  const said = resolveJobOptions(input, where);
  for (const path of ['id', 'delayMs', 'runAt', 'dependsOn'] as const) {
    if (said[path] === undefined) continue;
    const expected = 'nothing: id and time of the jobs come from the schedule, and they wait for no others';
    throw new InvalidOptionError({ where, path: `options.${path}`, value: said[path], expected });
  }
  return said;
}

/** @throws InvalidNameError, InvalidOptionError */
export function checkScheduleId(value: unknown, where: Where): string {
  const id = validateName('schedule id', value);
  if (!hasMintedForm(id) && Buffer.byteLength(id) <= MAX_ID_BYTES) return id;
  const expected = `at most ${MAX_ID_BYTES} bytes that do not begin with nine letters or digits and "~"`;
  throw new InvalidOptionError({ where, path: 'id', value, expected });
}

function refuseContradictions(said: Partial<ResolvedScheduleOptions>, where: Where): void {
  const { cron, tz, everyMs, startAt, endAt, missed, backlog, missedAfterMs } = said;
  const refuse = (path: keyof ResolvedScheduleOptions, expected: string): never => {
    throw new InvalidOptionError({ where, path, value: said[path], expected });
  };
  if (cron === undefined && everyMs === undefined) refuse('cron', 'either cron or everyMs');
  if (cron !== undefined && everyMs !== undefined) refuse('everyMs', 'either cron or everyMs, not both');
  if (tz !== undefined && cron === undefined) refuse('tz', 'cron beside it: an interval knows no time zone');
  if (startAt !== undefined && endAt !== undefined && endAt < startAt)
    refuse('endAt', 'a time that is not before startAt');
  if (backlog !== undefined && missed !== 'all') refuse('backlog', "missed: 'all' beside it");
  if (missedAfterMs !== undefined && missed !== 'skip') refuse('missedAfterMs', "missed: 'skip' beside it");
  if (cron !== undefined && endAt !== undefined) {
    const first = new CronTimes(cron, tz ?? 'UTC').after((startAt ?? 0) - 1);
    if (first === undefined || first > endAt) refuse('endAt', 'a time after at least one of the pattern');
  }
}

function checkCron(value: unknown, path: string, where: Where): string {
  const expected = cronProblem(value);
  if (expected === undefined) return (value as string).trim().replace(/\s+/g, ' ');
  const isEvery = typeof value === 'string' && value.startsWith('@every');
  throw new InvalidOptionError({
    where,
    path,
    value,
    expected,
    hint: isEvery ? 'In Millrace it is everyMs.' : undefined,
  });
}

function checkTimeZone(value: unknown, path: string, where: Where): string {
  if (isTimeZone(value)) return value as string;
  throw new InvalidOptionError({ where, path, value, expected: "a time zone such as 'Europe/Berlin'" });
}
