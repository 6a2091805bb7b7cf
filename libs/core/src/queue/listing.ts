import { InvalidOptionError, JobsError, type Where } from '../errors/index.js';
import type { Job } from '../job/job.js';
import { FINAL_STATES, LIVE_STATES, type JobState } from '../job/job-state.js';
import { oneOf, wholeNumber } from '../options/check/checks.js';
import { fieldTable, readFields } from '../options/index.js';
import { scripts } from '../redis/index.js';
import { readJobs } from './job-reader.js';
import type { QueueContext } from './queue-context.js';

/** Which part of a list to read. */
export interface ListOptions {
  /** What the page before said, of the same queue, state and order; left out = from the start. */
  readonly cursor?: string | undefined;
  /** 1 to 1,000. @default 50 */
  readonly limit?: number | undefined;
  /** Newest end (or latest due time) first; `waiting` and `active` have one order only. @default false */
  readonly reverse?: boolean | undefined;
}

/** One page of a list. */
export interface JobPage<J = Job> {
  readonly jobs: J[];
  /** Where the next page begins; absent on the last one. */
  readonly cursor?: string;
}

/** What an option of a list is when it is left out. */
const LIST_DEFAULTS = Object.freeze({ cursor: '', limit: 50, reverse: false });

const checkState = oneOf<JobState>(...LIVE_STATES, ...FINAL_STATES);
interface Checked {
  readonly cursor: string;
  readonly limit: number;
  readonly reverse: boolean;
}

const TABLE = fieldTable<Checked>({
  cursor: checkCursor,
  limit: wholeNumber(1, 1_000),
  reverse: oneOf(true, false),
});

/** One page of the jobs of a state. @throws InvalidOptionError, UnknownOptionError */
export async function listJobs(queue: QueueContext, state: JobState, options: ListOptions): Promise<JobPage> {
  const where = (): string => `list('${queue.name}')`;
  checkState(state, 'state', where);
  const { cursor, limit, reverse } = readListOptions(options, where);
  const list = `${state}${reverse ? '<' : '>'}${queue.name.length}:${queue.name}:`;
  if (cursor !== '' && !cursor.startsWith(list)) throw wrongCursor(cursor, where);
  const args = { state, cursor: cursor.slice(list.length), limit, reverse: reverse ? 1 : 0 };
  const page = await queue.ask(scripts.list, args).catch((error: unknown) => {
    throw JobsError.is(error, 'INVALID_OPTION') ? wrongCursor(cursor, where) : error;
  });
  const jobs = await readJobs(queue, page.ids);
  return page.cursor === '' ? { jobs } : { jobs, cursor: `${list}${page.cursor}` };
}

/** Which page is asked for. @throws InvalidOptionError, UnknownOptionError */
export function readListOptions(options: ListOptions, where: Where): Checked {
  return { ...LIST_DEFAULTS, ...readFields(options, TABLE, where) };
}

/** A cursor, whatever it is of. */
export function checkCursor(value: unknown, path: string, where: Where): string {
  if (typeof value === 'string') return value;
  throw new InvalidOptionError({ where, path, value, expected: 'the cursor of a page' });
}

/** The cursors of all lists look alike to Redis: one of another list would begin somewhere, and nobody would know. */
export function wrongCursor(value: string, where: Where): InvalidOptionError {
  const expected = 'the cursor of a page of the same queue, state and order';
  return new InvalidOptionError({
    where,
    path: 'cursor',
    value,
    expected,
    hint: 'Leave it out to begin at the start.',
  });
}
