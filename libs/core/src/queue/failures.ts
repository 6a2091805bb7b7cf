import { InvalidOptionError, JobsError, type Where } from '../errors/index.js';
import { scripts } from '../redis/index.js';
import { readJobs } from './job-reader.js';
import { readListOptions, wrongCursor, type JobPage, type ListOptions } from './listing.js';
import type { QueueContext } from './queue-context.js';

/** Jobs of one name that failed for good by the same kind of error. */
export interface FailureGroup {
  /** `<job name>:<kind of error>`: `ship:ECONNREFUSED`, `ship:timeout`, `ship:stalled`. */
  readonly group: string;
  /** How many of them are kept: failed, timed out and broken ones. */
  readonly count: number;
  /** When the first of them ended, and the last one. */
  readonly oldest: Date;
  readonly newest: Date;
  /** The last one: its error tells what it is about. */
  readonly newestId: string;
}

/** One page of groups. */
export interface FailurePage {
  readonly groups: FailureGroup[];
  /** Where the next page begins; absent on the last one. */
  readonly cursor?: string;
}

/** Which page of groups to read: those with most jobs come first. */
export type FailuresOptions = Omit<ListOptions, 'reverse'>;

/** Values that a group has in the reply. */
const ROW = 5;

/** One page of the groups of failures. @throws InvalidOptionError, UnknownOptionError */
export async function failureGroups(queue: QueueContext, options: FailuresOptions): Promise<FailurePage> {
  const { rows, cursor } = await readPage(queue, '', options);
  const groups: FailureGroup[] = [];
  for (let i = 0; i < rows.length; i += ROW) {
    const [group = '', count, oldest, newest, newestId = ''] = rows.slice(i, i + ROW);
    groups.push({ group, count: Number(count), oldest: asDate(oldest), newest: asDate(newest), newestId });
  }
  return cursor === '' ? { groups } : { groups, cursor };
}

/** One page of the jobs of a group. @throws InvalidOptionError, UnknownOptionError */
export async function failedJobs(queue: QueueContext, group: string, options: ListOptions): Promise<JobPage> {
  checkGroup(group, 'group', () => `failures('${queue.name}')`);
  const { rows, cursor } = await readPage(queue, group, options);
  const jobs = await readJobs(queue, rows);
  return cursor === '' ? { jobs } : { jobs, cursor };
}

/** Names of jobs and kinds of errors have no control characters. @throws InvalidOptionError */
export function checkGroup(value: unknown, path: string, where: Where): string {
  if (typeof value === 'string' && /^\P{Cc}+$/u.test(value)) return value;
  throw new InvalidOptionError({ where, path, value, expected: 'a group of failures, such as ship:ECONNREFUSED' });
}

async function readPage(
  queue: QueueContext,
  group: string,
  options: ListOptions,
): Promise<{ readonly rows: readonly string[]; readonly cursor: string }> {
  const where = (): string => `failures('${queue.name}')`;
  const { cursor, limit, reverse } = readListOptions(options, where);
  const list = `failures${reverse ? '<' : '>'}${queue.name.length}:${queue.name}:${group.length}:${group}:`;
  if (cursor !== '' && !cursor.startsWith(list)) throw wrongCursor(cursor, where);
  const args = { group, cursor: cursor.slice(list.length), limit, reverse: reverse ? 1 : 0 };
  const page = await queue.ask(scripts.failures, args).catch((error: unknown) => {
    throw JobsError.is(error, 'INVALID_OPTION') ? wrongCursor(cursor, where) : error;
  });
  return { rows: page.rows, cursor: page.cursor === '' ? '' : `${list}${page.cursor}` };
}

function asDate(ms = ''): Date {
  return new Date(Number(ms));
}
