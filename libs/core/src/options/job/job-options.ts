import { InvalidOptionError, type Where } from '../../errors/index.js';
import { hasMintedForm } from '../../job/minted-id.js';
import type { JobRef, OnDependencyFailure, ResolvedJobRef } from '../../job/job-ref.js';
import { validateName } from '../../job/names.js';
import { duration, nameOf, oneOf } from '../check/checks.js';
import { fieldTable, readFields, type Check } from '../check/fields.js';
import { FOREIGN_JOB_OPTIONS } from '../check/foreign-names.js';
import { JOB_DEFAULT_CHECKS, type JobDefaults, type ResolvedJobDefaults } from './job-defaults.js';
import { checkDependsOn } from './dependency-options.js';
import { checkRunAt } from './run-at.js';
import { checkUses, type Uses } from './uses-option.js';
import { checkUnique, type ResolvedUnique, type UniqueOptions } from './unique-options.js';

/** What happens when a job is added under an id that exists, or with a unique key that another job holds. */
export type OnConflict = 'keep' | 'replace' | 'reject';

/** A job that is added when another one fails for good. */
export interface FailureJob<N extends string = string, D = unknown> {
  readonly name: N;
  /** At most 64 KiB as JSON text. */
  readonly data: D;
}

/**
 * The options of one job, given to `queue.add()`.
 *
 * @typeParam F the jobs of the queue that `onFailure` can name
 */
export interface JobOptions<F extends FailureJob = FailureJob> extends JobDefaults {
  /**
   * An id of your own; the same id again is the same job. Not one that begins with nine letters or digits and `~`: those
   * are minted. @default minted
   */
  readonly id?: string | undefined;
  /** One live job a key: `true` for its name and data, or a key of your own. @default not unique */
  readonly unique?: boolean | UniqueOptions | undefined;
  /**
   * With `id` or `unique`: `keep` returns the existing job, `reject` throws JobConflictError, `replace` puts the new job in
   * its place: under the same `id` it is reset, and one with the same unique key is cancelled. @default 'keep'
   */
  readonly onConflict?: OnConflict | undefined;
  /** With `onConflict: 'replace'`: what becomes of a running job; otherwise such a job refuses to be replaced. */
  readonly onActive?: 'cancel' | undefined;
  /** With `id`: how long the id is remembered, even if the job itself is pruned before. @default 86400000 (24 h) */
  readonly idForMs?: number | undefined;
  /** Run no earlier than this much later, by the clock of Redis. At most ten years. @default 0 */
  readonly delayMs?: number | undefined;
  /** Run no earlier than then: a Date or ms since 1970. Excludes `delayMs`. A moment past means now. */
  readonly runAt?: Date | number | undefined;
  /**
   * A job of the same queue that is added in the moment in which this one ends as failed, timed_out or broken, by the same
   * atomic command: surely, and once. Its handler finds the id of this job in `job.failedJobId`, and its `meta`.
   */
  readonly onFailure?: F | undefined;
  /**
   * Jobs that have to complete before this one runs: ids or jobs, of other queues of the slot as well. They must be there
   * already, or in the same `addMany()`. At most 1,000. @default none
   */
  readonly dependsOn?: readonly JobRef[] | undefined;
  /**
   * With `dependsOn`, what happens when one of them ends otherwise than completed, or is removed: `fail` ends this job as
   * failed (error of kind `dependency`), `cancel` as cancelled, `block` leaves it blocked, `run` counts that one as done.
   * Where that one is retried, what failed through it waits for it again. @default 'fail'
   */
  readonly onDependencyFailure?: OnDependencyFailure | undefined;
  /** With `dependsOn`: a job that is not there (any more) refuses this one, or counts as done. @default 'reject' */
  readonly missingDependency?: 'reject' | 'done' | undefined;
  /** Words to find the job by: `queue.tagged(tag)`. At most 32. */
  readonly tags?: readonly string[] | undefined;
  /**
   * How much it uses of which resources: `{ gpu: 1 }`. It runs only when all of that is free, over all workers; limits are set
   * with `queue.resources`. At most 16.
   */
  readonly uses?: Uses | undefined;
  /** Groups are served in turn, each with limits of its own: a tenant, a customer. @default none */
  readonly group?: string | undefined;
  /** Short texts that travel with the job apart from its data: a tenant, a trace id. At most 16 KiB together. */
  readonly meta?: Readonly<Record<string, string>> | undefined;
}

/** {@link JobOptions} as checked. What was not said is absent, so that the handler's defaults still can say it. */
export interface ResolvedJobOptions extends ResolvedJobDefaults {
  readonly id?: string;
  readonly onConflict: OnConflict;
  readonly onActive?: 'cancel';
  readonly idForMs: number;
  /** Whole milliseconds; 0 is left out. */
  readonly delayMs?: number;
  /** Milliseconds since 1970. */
  readonly runAt?: number;
  readonly onFailure?: FailureJob;
  readonly unique?: ResolvedUnique;
  /** Not empty. */
  readonly dependsOn?: readonly ResolvedJobRef[];
  readonly onDependencyFailure: OnDependencyFailure;
  readonly missingDependency: 'reject' | 'done';
  /** Each once. */
  readonly tags?: readonly string[];
  readonly uses?: Uses;
  readonly group?: string;
  /** Without prototype. */
  readonly meta?: Readonly<Record<string, string>>;
}

/** What an option of a job is, apart from {@link JobDefaults}, when it is left out. */
export const JOB_OPTION_DEFAULTS = Object.freeze({
  onConflict: 'keep',
  idForMs: 24 * 60 * 60 * 1_000,
  onDependencyFailure: 'fail',
  missingDependency: 'reject',
} as const);

const MAX_META_BYTES = 16_384;
const MAX_TAGS = 32;

const FAILURE_JOB = fieldTable<FailureJob>({ name: nameOf('job'), data: (value) => value });

const TABLE = fieldTable<ResolvedJobOptions>(
  {
    ...JOB_DEFAULT_CHECKS,
    id: checkId,
    onConflict: oneOf<OnConflict>('keep', 'replace', 'reject'),
    onActive: oneOf('cancel'),
    idForMs: duration(),
    delayMs: duration(),
    runAt: checkRunAt,
    onFailure: checkFailureJob,
    meta: checkMeta,
    unique: checkUnique as Check<ResolvedUnique>,
    tags: checkTags,
    dependsOn: checkDependsOn,
    onDependencyFailure: oneOf<OnDependencyFailure>('fail', 'block', 'cancel', 'run'),
    missingDependency: oneOf<'reject' | 'done'>('reject', 'done'),
    uses: checkUses,
    group: nameOf('group'),
  },
  FOREIGN_JOB_OPTIONS,
);

/**
 * Checks the options of a job. Without any, the answer is one shared object: adding plain jobs pays nothing.
 *
 * @throws InvalidOptionError, UnknownOptionError, InvalidNameError
 */
export function resolveJobOptions(input: JobOptions | undefined, where: Where): ResolvedJobOptions {
  if (input === undefined) return JOB_OPTION_DEFAULTS;
  const said = readFields(input, TABLE, where);
  refuseContradictions(said, where);
  const { delayMs, tags, unique, uses, dependsOn, ...rest } = said;
  return Object.freeze({
    ...JOB_OPTION_DEFAULTS,
    ...rest,
    ...(delayMs === undefined || delayMs === 0 ? {} : { delayMs }),
    ...(tags === undefined || tags.length === 0 ? {} : { tags }),
    ...(unique === undefined ? {} : { unique }),
    ...(dependsOn === undefined || dependsOn.length === 0 ? {} : { dependsOn }),
    ...(uses === undefined || Object.keys(uses).length === 0 ? {} : { uses }),
  });
}

function refuseContradictions(said: Partial<ResolvedJobOptions>, where: Where): void {
  if (said.delayMs !== undefined && said.runAt !== undefined) {
    throw new InvalidOptionError({
      where,
      path: 'runAt',
      value: said.runAt,
      expected: 'either delayMs or runAt, not both',
    });
  }
  for (const path of ['onDependencyFailure', 'missingDependency'] as const) {
    if (said[path] === undefined || said.dependsOn !== undefined) continue;
    throw new InvalidOptionError({ where, path, value: said[path], expected: 'dependsOn beside it' });
  }
  if (said.id === undefined && said.idForMs !== undefined) {
    const expected = 'an id beside it: it is about jobs with an id of your own';
    throw new InvalidOptionError({ where, path: 'idForMs', value: said.idForMs, expected });
  }
  if (said.id === undefined && said.unique === undefined && said.onConflict !== undefined) {
    const expected = 'an id or unique beside it: nothing else can be in conflict';
    throw new InvalidOptionError({ where, path: 'onConflict', value: said.onConflict, expected });
  }
  if (said.onActive !== undefined && said.onConflict !== 'replace') {
    throw new InvalidOptionError({
      where,
      path: 'onActive',
      value: said.onActive,
      expected: "onConflict: 'replace' beside it",
    });
  }
}

function checkFailureJob(value: unknown, path: string, where: Where): FailureJob {
  const { name, data } = readFields(value, FAILURE_JOB, where, path);
  if (name !== undefined) return { name, data };
  throw new InvalidOptionError({ where, path, value, expected: '{ name, data }: a job of this queue' });
}

function checkId(value: unknown, path: string, where: Where): string {
  const id = validateName('job id', value);
  if (!hasMintedForm(id)) return id;
  const expected = 'an id that does not begin with nine letters or digits and "~", as those do that are minted';
  throw new InvalidOptionError({ where, path, value, expected, hint: 'Put something before it.' });
}

function checkTags(value: unknown, path: string, where: Where): readonly string[] {
  if (!Array.isArray(value) || value.length > MAX_TAGS) {
    throw new InvalidOptionError({ where, path, value, expected: `a list of at most ${MAX_TAGS} words` });
  }
  return Object.freeze([...new Set(value.map((tag) => validateName('tag', tag)))]);
}

function checkMeta(value: unknown, path: string, where: Where): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidOptionError({ where, path, value, expected: 'an object of texts' });
  }
  // Without prototype, so that a key such as __proto__ is a key like any other.
  const meta = Object.create(null) as Record<string, string>;
  let bytes = 0;
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string')
      throw new InvalidOptionError({ where, path: `${path}.${key}`, value: text, expected: 'a string' });
    bytes += Buffer.byteLength(key) + Buffer.byteLength(text);
    meta[key] = text;
  }
  if (bytes > MAX_META_BYTES) {
    const hint = 'Put what is larger into the data.';
    throw new InvalidOptionError({
      where,
      path,
      value: `${bytes} bytes`,
      expected: `at most ${MAX_META_BYTES} bytes together`,
      hint,
    });
  }
  return Object.freeze(meta);
}
