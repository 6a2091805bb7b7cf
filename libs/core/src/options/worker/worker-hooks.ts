import type { Where } from '../../errors/index.js';
import type { JobRun } from '../../job/job-run.js';
import { callable } from '../check/checks.js';
import { fieldTable, readFields } from '../check/fields.js';

/**
 * What a worker calls around the jobs that it runs. Hooks come after Redis accepted the outcome, so what they are told is
 * fact; they may be async, are awaited up to `hookTimeoutMs`, and change nothing: one that throws is logged.
 */
export interface WorkerHooks {
  /** Before the handler runs. */
  onStart?(run: JobRun): unknown;
  /** The handler returned. */
  onSuccess?(run: JobRun, result: unknown): unknown;
  /** The handler threw. */
  onFailure?(run: JobRun, error: Error, info: FailureInfo): unknown;
  /** The attempt passed its deadline, or the worker lost its lease. */
  onTimeout?(run: JobRun, info: TimeoutInfo): unknown;
  /** The job ended unsuccessfully for good; after `onFailure` or `onTimeout`. */
  onPermanentFailure?(run: JobRun, error: Error, info: PermanentFailureInfo): unknown;
  /** The job was cancelled while it ran. */
  onCancel?(run: JobRun): unknown;
}

/** What `onFailure` is told. */
export interface FailureInfo {
  readonly willRetry: boolean;
  readonly nextRunAt?: Date;
}

/** What `onTimeout` is told. */
export interface TimeoutInfo {
  readonly kind: 'deadline' | 'lease';
  readonly willRetry: boolean;
}

/** What `onPermanentFailure` is told. */
export interface PermanentFailureInfo {
  readonly state: 'failed' | 'timed_out' | 'broken';
}

const NAMES = ['onStart', 'onSuccess', 'onFailure', 'onTimeout', 'onPermanentFailure', 'onCancel'] as const;
const CHECK = callable<(...args: unknown[]) => unknown>();
const TABLE = fieldTable<WorkerHooks>(
  Object.fromEntries(NAMES.map((name) => [name, CHECK])) as Record<keyof WorkerHooks, typeof CHECK>,
);

/**
 * Checks hooks. They stay bound to the object that they come from, which may be an instance of a class; a plain object
 * must not have anything else.
 */
export function resolveHooks(input: unknown, path: string, where: Where): WorkerHooks {
  const prototype: unknown = typeof input === 'object' && input !== null ? Object.getPrototypeOf(input) : null;
  if (prototype === null || prototype === Object.prototype) readFields(input, TABLE, where, path);
  const source = input as Record<string, unknown>;
  const hooks: Record<string, unknown> = {};
  for (const name of NAMES) {
    if (source[name] !== undefined) hooks[name] = CHECK(source[name], `${path}.${name}`, where).bind(input);
  }
  return Object.freeze(hooks);
}
