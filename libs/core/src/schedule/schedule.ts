import { decodePayload } from '../job/payload.js';
import type { JobOptions, ResolvedScheduleOptions } from '../options/index.js';
import type { StoredSchedule } from './definition.js';

/** A schedule as it was when it was read. */
export interface Schedule {
  readonly id: string;
  /** `over`: it fires no more, as its `limit` or `endAt` said. */
  readonly state: 'running' | 'paused' | 'over';
  readonly cron: string | undefined;
  readonly tz: string | undefined;
  readonly everyMs: number | undefined;
  readonly startAt: Date | undefined;
  readonly endAt: Date | undefined;
  readonly limit: number | undefined;
  readonly missed: 'all' | 'last' | 'skip';
  readonly overlap: 'allow' | 'skip';
  readonly revision: number;
  readonly owner: string | undefined;
  /** The name of the jobs that it adds; empty if a later release has stored it, and this one cannot read it. */
  readonly name: string;
  readonly data: unknown;
  /** The options of the jobs that it adds, as they were checked. */
  readonly options: JobOptions;
  /** When it fires next; of a paused one, when it would have. */
  readonly nextRunAt: Date | undefined;
  /** The time of the last job that it added. */
  readonly lastRunAt: Date | undefined;
  readonly lastJobId: string | undefined;
  /** How many jobs it has added. */
  readonly count: number;
}

/** What `schedule()` did. */
export interface DeclaredSchedule extends Schedule {
  /** `unchanged`: it was defined so already, and nothing was written. `kept`: one of a higher revision is there. */
  readonly outcome: 'added' | 'changed' | 'unchanged' | 'kept';
}

/** One page of the schedules of a queue. */
export interface SchedulePage {
  readonly schedules: Schedule[];
  /** Where the next page begins; absent on the last one. */
  readonly cursor?: string;
}

/** What became of one time of a schedule. */
export interface ScheduleRun {
  /** The time of the schedule. */
  readonly at: Date;
  /** When that was decided. */
  readonly decidedAt: Date;
  /**
   * `fired`: a job was added. `missed`: no worker ran, and the policy says that this time and those up to the next entry are
   * passed over. `overlap`: the last job had not ended. `not unique`: another job has its unique key. `there already`: a job
   * of this time was added before.
   */
  readonly outcome: 'fired' | 'missed' | 'overlap' | 'not unique' | 'there already';
  /** The id of the job, where one was added. */
  readonly jobId: string | undefined;
}

const NOTHING = Object.freeze({ missed: 'last', overlap: 'allow', missedAfterMs: 0, revision: 0 } as const);

/** The id of the job that a schedule adds for a time. */
export function jobIdOf(scheduleId: string, at: number): string {
  return `${scheduleId}@${at}`;
}

export function toSchedule(stored: StoredSchedule): Schedule {
  const timing: ResolvedScheduleOptions = stored.definition?.timing ?? NOTHING;
  const { payload = '', name = '', options = {} } = stored.definition?.job ?? {};
  const data = decodePayload(payload);
  return {
    id: stored.id,
    state: stored.state,
    cron: timing.cron,
    tz: timing.tz,
    everyMs: timing.everyMs,
    startAt: toDate(timing.startAt),
    endAt: toDate(timing.endAt),
    limit: timing.limit,
    missed: timing.missed,
    overlap: timing.overlap,
    revision: stored.revision,
    owner: timing.owner,
    name,
    data: data.ok ? data.value : undefined,
    options,
    nextRunAt: toDate(stored.at),
    lastRunAt: toDate(stored.lastAt),
    lastJobId: stored.lastJobId === '' ? undefined : stored.lastJobId,
    count: stored.count,
  };
}

/** Reads a line of the history of a schedule. */
export function toScheduleRun(scheduleId: string, line: string): ScheduleRun {
  const [letter = '', at = '', decidedAt = ''] = line.split('\t');
  const outcome = OUTCOMES[letter] ?? 'missed';
  return {
    at: new Date(Number(at)),
    decidedAt: new Date(Number(decidedAt)),
    outcome,
    jobId: outcome === 'fired' ? jobIdOf(scheduleId, Number(at)) : undefined,
  };
}

const OUTCOMES: Readonly<Record<string, ScheduleRun['outcome']>> = Object.freeze({
  f: 'fired',
  m: 'missed',
  o: 'overlap',
  u: 'not unique',
  k: 'there already',
});

/** 0 stands for none. */
function toDate(ms: number | undefined): Date | undefined {
  return ms === undefined || ms === 0 ? undefined : new Date(ms);
}
