import { InvalidOptionError, type Where } from '../errors/index.js';
import { validateName } from '../job/names.js';
import { wholeNumber } from '../options/check/checks.js';
import { checkScheduleId, fieldTable, readFields } from '../options/index.js';
import { scripts } from '../redis/index.js';
import { decodeSchedules, type StoredSchedule } from '../schedule/definition.js';
import {
  toSchedule,
  toScheduleRun,
  type DeclaredSchedule,
  type Schedule,
  type SchedulePage,
  type ScheduleRun,
} from '../schedule/schedule.js';
import { listWorkers } from './inspector.js';
import type { QueueContext } from './queue-context.js';
import type { ScheduleDraft, Schedules } from './schedules.js';

/** Which part of the schedules to read. */
export interface ScheduleListOptions {
  /** What the page before said; left out = from the start. */
  readonly cursor?: string | undefined;
  /** 1 to 100. @default 50 */
  readonly limit?: number | undefined;
}

/** What {@link syncSchedules} did, by id. */
export interface ScheduleSync {
  readonly added: string[];
  readonly changed: string[];
  readonly unchanged: string[];
  /** One of a higher revision was there. */
  readonly kept: string[];
  readonly removed: string[];
}

const MAX_PAGE = 100;
const LIST_DEFAULTS = Object.freeze({ cursor: '', limit: 50 });
const TABLE = fieldTable<{ cursor: string; limit: number }>({ cursor: checkCursor, limit: wholeNumber(1, MAX_PAGE) });

/** One page of the schedules, in the order of their ids. @throws InvalidOptionError, UnknownOptionError */
export async function listSchedules(queue: QueueContext, options: ScheduleListOptions): Promise<SchedulePage> {
  const { cursor, limit } = { ...LIST_DEFAULTS, ...readFields(options, TABLE, () => `schedules('${queue.name}')`) };
  const stored = await readPage(queue, cursor, limit);
  const schedules = stored.map(toSchedule);
  return stored.length < limit ? { schedules } : { schedules, cursor: stored.at(-1)!.id };
}

/** What became of the last 100 times of a schedule, latest first. */
export async function readHistory(queue: QueueContext, id: string): Promise<ScheduleRun[]> {
  checkScheduleId(id, 'scheduleHistory()');
  const { lines } = await queue.ask(scripts.scheduleHistory, { id });
  return lines.map((line) => toScheduleRun(id, line));
}

/** Makes the schedules of an owner these and no others. */
export async function syncSchedules(
  queue: QueueContext,
  schedules: Schedules,
  owner: string,
  drafts: readonly ScheduleDraft[],
): Promise<ScheduleSync> {
  validateName('owner', owner);
  refuseRepeatedIds(queue, drafts);
  const done: Record<DeclaredSchedule['outcome'], string[]> = { added: [], changed: [], unchanged: [], kept: [] };
  for (const { id, timing, job } of drafts) {
    const { outcome } = await schedules.declare(id, { ...timing, owner }, job);
    done[outcome].push(id);
  }
  const named = new Set(drafts.map(({ id }) => id));
  const removed: string[] = [];
  for await (const { id, hash, definition } of allSchedules(queue)) {
    if (definition?.timing.owner === owner && !named.has(id) && (await schedules.remove(id, hash))) removed.push(id);
  }
  return { ...done, removed };
}

/** The schedules of an owner that no live worker says its program declares. */
export async function orphanedSchedules(queue: QueueContext, owner: string): Promise<Schedule[]> {
  validateName('owner', owner);
  const declared = new Set((await listWorkers(queue, {})).flatMap(({ info }) => declaredBy(info)));
  const orphaned: Schedule[] = [];
  for await (const stored of allSchedules(queue)) {
    if (stored.definition?.timing.owner === owner && !declared.has(stored.id)) orphaned.push(toSchedule(stored));
  }
  return orphaned;
}

function declaredBy(info: unknown): string[] {
  const { schedules } = Object(info) as { schedules?: unknown };
  return Array.isArray(schedules) ? (schedules as string[]) : [];
}

async function* allSchedules(queue: QueueContext): AsyncGenerator<StoredSchedule> {
  for (let after = '', length = MAX_PAGE; length === MAX_PAGE;) {
    const page = await readPage(queue, after, MAX_PAGE);
    yield* page;
    length = page.length;
    after = page.at(-1)?.id ?? '';
  }
}

async function readPage(queue: QueueContext, after: string, limit: number): Promise<StoredSchedule[]> {
  const { rows } = await queue.ask(scripts.listSchedules, { now: queue.now, after, limit });
  return decodeSchedules(rows);
}

function checkCursor(value: unknown, path: string, where: Where): string {
  if (typeof value === 'string') return value;
  throw new InvalidOptionError({ where, path, value, expected: 'the cursor of a page' });
}

function refuseRepeatedIds(queue: QueueContext, drafts: readonly ScheduleDraft[]): void {
  const seen = new Set<string>();
  for (const { id } of drafts) {
    const where = `syncSchedules('${queue.name}')`;
    if (seen.has(id)) throw new InvalidOptionError({ where, path: 'id', value: id, expected: 'each id once' });
    seen.add(id);
  }
}
