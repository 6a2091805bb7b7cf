import type { JobRun } from '../../job/job-run.js';
import { callable } from '../check/checks.js';
import { fieldTable } from '../check/fields.js';

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

/** The checks of {@link WorkerHooks}. */
export const WORKER_HOOKS = fieldTable<WorkerHooks>({
  onStart: callable(),
  onSuccess: callable(),
  onFailure: callable(),
  onTimeout: callable(),
  onPermanentFailure: callable(),
  onCancel: callable(),
});
