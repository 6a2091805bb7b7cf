import { createHash } from 'node:crypto';

import { canonicalJson } from '../job/unique-key.js';
import type { ResolvedJobDefaults, ResolvedJobOptions, ResolvedScheduleOptions } from '../options/index.js';

/** What each job of a schedule is made of: checked and encoded when the schedule was declared. */
export interface JobTemplate {
  readonly name: string;
  readonly options: ResolvedJobOptions;
  /** Those of the queue by which it was declared. */
  readonly defaults: ResolvedJobDefaults;
  /** JSON text, or nothing. */
  readonly payload: string;
}

/** All that is said of a schedule. */
export interface ScheduleDefinition {
  readonly timing: ResolvedScheduleOptions;
  readonly job: JobTemplate;
}

/** What the core stores of a schedule. */
export interface StoredSchedule {
  readonly id: string;
  readonly state: 'running' | 'paused' | 'over';
  /** Its next time; 0 if it will not fire. */
  readonly at: number;
  readonly revision: number;
  readonly count: number;
  /** The time of its last job; 0 if there was none. */
  readonly lastAt: number;
  readonly lastJobId: string;
  readonly hash: string;
  /** `undefined`: a later release has stored it, and this one cannot read it. */
  readonly definition: ScheduleDefinition | undefined;
}

/** Values of a row as the commands give it. */
const ROW = 4;
const RECORD = /^1(\d+),(\d+),(\d+)\t(\w+)\t([^\t\n]*)\n/;

/** As the core keeps it: JSON, and behind it the payload as it is. */
export function encodeDefinition({ timing, job: { payload, ...job } }: ScheduleDefinition): string {
  return `${JSON.stringify({ timing, job })}\n${payload}`;
}

/** The same for the same definition, in whichever order its parts were written. */
export function hashOf({ timing, job: { payload, ...job } }: ScheduleDefinition): string {
  const data: unknown = payload === '' ? '' : [JSON.parse(payload)];
  const text = canonicalJson(JSON.parse(JSON.stringify([timing, job, data])));
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** Reads the rows of a reply. */
export function decodeSchedules(rows: readonly string[]): StoredSchedule[] {
  const found: StoredSchedule[] = [];
  for (let i = 0; i < rows.length; i += ROW) {
    const [id = '', state = '', at = '', text = ''] = rows.slice(i, i + ROW);
    const [head = '', revision, count, last, hash = '', job = ''] = RECORD.exec(text) ?? [];
    found.push({
      id,
      state: state as StoredSchedule['state'],
      at: Number(at),
      revision: Number(revision),
      count: Number(count),
      lastAt: Number(last),
      lastJobId: job,
      hash,
      definition: head === '' ? undefined : decodeDefinition(text.slice(head.length)),
    });
  }
  return found;
}

function decodeDefinition(text: string): ScheduleDefinition | undefined {
  const end = text.indexOf('\n');
  try {
    const { timing, job } = JSON.parse(text.slice(0, end)) as ScheduleDefinition;
    if (timing.cron === undefined && timing.everyMs === undefined) return undefined;
    return { timing, job: { ...job, payload: text.slice(end + 1) } };
  } catch {
    return undefined;
  }
}
