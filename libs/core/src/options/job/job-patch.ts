import { InvalidOptionError, type Where } from '../../errors/index.js';
import { duration, nameOf } from '../check/checks.js';
import { fieldTable, readFields } from '../check/fields.js';
import { JOB_DEFAULT_CHECKS, type Priority } from './job-defaults.js';
import { checkRunAt } from './run-at.js';

/** What `queue.update()` changes of a job; what is left out stays. */
export interface JobPatch<D = unknown> {
  /** New data. A unique key made of the data stays the one that the job was added with. */
  readonly data?: D | undefined;
  /** As in `add()`. */
  readonly priority?: Priority | undefined;
  /** Run no earlier than this much from now. Excludes `runAt`; 0 means now. */
  readonly delayMs?: number | undefined;
  /** Run no earlier than then. A moment past means now. */
  readonly runAt?: Date | number | undefined;
}

/** What `queue.move()` changes of a job on its way; what is left out stays, but for its time: without one it runs now. */
export interface MovePatch<D = unknown> extends JobPatch<D> {
  /** Another name, where the other queue has another handler for it. */
  readonly name?: string | undefined;
}

/** A patch as checked. */
export interface ResolvedPatch {
  readonly data?: unknown;
  readonly name?: string;
  readonly priority?: number;
  readonly delayMs?: number;
  readonly runAt?: number;
}

const FIELDS = {
  data: (value: unknown): unknown => value,
  priority: JOB_DEFAULT_CHECKS.priority,
  delayMs: duration(),
  runAt: checkRunAt,
};
const PATCH = fieldTable<Omit<ResolvedPatch, 'name'>>(FIELDS);
const MOVE_PATCH = fieldTable<ResolvedPatch>({ ...FIELDS, name: nameOf('job') });

/** @throws InvalidOptionError, UnknownOptionError */
export function resolvePatch(input: JobPatch, where: Where): ResolvedPatch {
  const patch = readFields(input, PATCH, where);
  if (Object.keys(patch).length === 0)
    throw new InvalidOptionError({ where, path: '', value: input, expected: 'data, priority, delayMs or runAt' });
  return refuseTwoTimes(patch, where);
}

/** @throws InvalidOptionError, UnknownOptionError, InvalidNameError */
export function resolveMovePatch(input: MovePatch, where: Where): ResolvedPatch {
  return refuseTwoTimes(readFields(input, MOVE_PATCH, where), where);
}

function refuseTwoTimes(patch: ResolvedPatch, where: Where): ResolvedPatch {
  if (patch.delayMs === undefined || patch.runAt === undefined) return patch;
  const expected = 'either delayMs or runAt, not both';
  throw new InvalidOptionError({ where, path: 'runAt', value: patch.runAt, expected });
}
