import { JobNotFoundError, JobsError } from '../errors/index.js';
import { decodeRef } from '../job/job-ref.js';
import type { JobState } from '../job/job-state.js';
import { validateName } from '../job/names.js';
import { wholeNumber } from '../options/check/checks.js';
import { fieldTable, readFields } from '../options/index.js';
import { scripts } from '../redis/index.js';
import { checkCursor, wrongCursor } from './listing.js';
import type { QueueContext } from './queue-context.js';

/** A job that depends on another one. */
export interface Dependent {
  readonly queue: string;
  readonly id: string;
  /** `gone`: there is no such job (any more). */
  readonly state: JobState | 'gone';
}

/** A job on which another one depends. */
export interface Dependency extends Dependent {
  /** Whether the other one still waits for it, or has ended because of it. */
  readonly isOpen: boolean;
}

/** One page of the jobs on which one depends. */
export interface DependencyPage {
  readonly dependencies: Dependency[];
  /** How many there are in all. */
  readonly total: number;
  /** Where the next page begins; absent on the last one. */
  readonly cursor?: string;
}

/** One page of the jobs that depend on one. */
export interface DependentPage {
  readonly dependents: Dependent[];
  /** Where the next page begins; absent on the last one. */
  readonly cursor?: string;
}

/** Which part of such a list to read. */
export interface RelativesOptions {
  /** What the page before said; left out = from the start. */
  readonly cursor?: string | undefined;
  /** 1 to 100. @default 50 */
  readonly limit?: number | undefined;
}

const DEFAULTS = Object.freeze({ cursor: '', limit: 50 });
const TABLE = fieldTable<{ cursor: string; limit: number }>({ cursor: checkCursor, limit: wholeNumber(1, 100) });

/** The jobs on which one depends, in the order in which that was said. @throws as `listDependents` */
export async function listDependencies(
  queue: QueueContext,
  id: string,
  options: RelativesOptions,
): Promise<DependencyPage> {
  const where = (): string => `dependencies('${id}')`;
  const { cursor, limit } = { ...DEFAULTS, ...readFields(options, TABLE, where) };
  if (!/^\d{0,4}$/.test(cursor)) throw wrongCursor(cursor, where);
  const offset = Number(cursor);
  const page = await queue.ask(scripts.dependencies, { id: validateName('job id', id), offset, limit });
  if (page.code === 'NOT_FOUND') throw new JobNotFoundError(queue.name, id);
  const dependencies: Dependency[] = [];
  for (let i = 0; i < page.rows.length; i += 3) {
    const [ref = '', state = '', isOpen] = page.rows.slice(i, i + 3);
    dependencies.push({ ...decodeRef(ref, queue.name), state: stateOf(state), isOpen: isOpen === '1' });
  }
  const next = offset + dependencies.length;
  const found = { dependencies, total: page.total };
  return next < page.total && dependencies.length > 0 ? { ...found, cursor: String(next) } : found;
}

/**
 * The jobs that wait for one, and those that it has failed, in no order; a page may be longer or shorter than asked for.
 *
 * @throws JobNotFoundError, InvalidOptionError, UnknownOptionError
 */
export async function listDependents(
  queue: QueueContext,
  id: string,
  options: RelativesOptions,
): Promise<DependentPage> {
  const where = (): string => `dependents('${id}')`;
  const { cursor, limit } = { ...DEFAULTS, ...readFields(options, TABLE, where) };
  const args = { id: validateName('job id', id), cursor, limit };
  const page = await queue.ask(scripts.dependents, args).catch((error: unknown) => {
    throw JobsError.is(error, 'INVALID_OPTION') ? wrongCursor(cursor, where) : error;
  });
  if (page.code === 'NOT_FOUND') throw new JobNotFoundError(queue.name, id);
  const dependents: Dependent[] = [];
  for (let i = 0; i < page.rows.length; i += 2) {
    const [ref = '', state = ''] = page.rows.slice(i, i + 2);
    dependents.push({ ...decodeRef(ref, queue.name), state: stateOf(state) });
  }
  return page.cursor === '' ? { dependents } : { dependents, cursor: page.cursor };
}

function stateOf(text: string): JobState | 'gone' {
  return text === '' ? 'gone' : (text as JobState);
}
