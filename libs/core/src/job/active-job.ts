import type { Jsonify } from '../types/json.js';
import type { JobOptions } from '../options/job/job-options.js';
import type { MovePatch } from '../options/job/job-patch.js';
import type { DependencyResults } from './dependency-results.js';
import type { JobRun } from './job-run.js';
import type { Onward } from './onward.js';

/** A job that is added in the moment in which another one completes. */
export interface NextJob {
  /** A queue of the same slot. @default the queue of the job that completes */
  readonly queue?: string | undefined;
  readonly name: string;
  readonly data?: unknown;
  /** All but those of ids, unique keys and dependencies. */
  readonly options?: JobOptions | undefined;
}

/**
 * The job as its handler sees it. A class (and a value) so that it can stand in a decorated signature; only a worker
 * makes one.
 *
 * @typeParam D the data as it was given to `add()`; `data` has the type that comes out of JSON
 * @typeParam N the job's name, where one handler is to be bound to it: `ActiveJob<Digest, 'mail.digest'>`
 * @typeParam C what the worker's `context` makes
 */
export abstract class ActiveJob<D = unknown, N extends string = string, C = unknown> {
  /** Makes the class nominal: nothing that merely looks like a job counts as one in `JobsOf`. */
  declare private readonly activeJob: true;

  /** BullMQ: also `id`, there of type `string | undefined`. */
  abstract readonly id: string;
  abstract readonly name: N;
  /** The name of the queue. */
  abstract readonly queue: string;
  abstract readonly data: Jsonify<D>;
  /** The texts that were given beside the data. */
  abstract readonly meta: Readonly<Record<string, string>>;
  /** The job whose final failure added this one, by its `onFailure`: `queue.get()` tells what its last attempt threw. */
  abstract readonly failedJobId: string | undefined;
  /** The schedule that added this job. */
  abstract readonly scheduleId: string | undefined;
  /** The time of its schedule that it was added for, however late that was; absent after `triggerNow()`. */
  abstract readonly scheduledFor: Date | undefined;
  /** As they were given when the job was added. */
  abstract readonly tags: readonly string[];
  abstract readonly group: string | undefined;
  abstract readonly priority: number;
  /** The number of this run, from 1. BullMQ: `attemptsMade + 1`. */
  abstract readonly attempt: number;
  abstract readonly maxAttempts: number;
  /** How many attempts threw or timed out before this one. */
  abstract readonly failures: number;
  /** How many times the worker vanished while this job ran. */
  abstract readonly stalls: number;
  /**
   * Whether a worker vanished that had this job, running or not: an earlier run may have had effects of which nobody was told.
   * Stays `true` in later attempts.
   */
  abstract readonly redelivered: boolean;
  /** BullMQ: `timestamp`. */
  abstract readonly createdAt: Date;
  /** When it was due, if it was delayed. */
  abstract readonly runAt: Date | undefined;
  /** Aborts at the deadline, at cancelling, when the lease is lost and at the end of a shutdown; its reason says which. */
  abstract readonly signal: AbortSignal;
  /** What the worker's `context` has made for all its handlers; `undefined` where it has none. */
  abstract readonly context: C;
  /** What hooks get of this job. */
  abstract readonly run: JobRun<D>;
  /** The progress last reported, in this or an earlier attempt. */
  abstract readonly progressValue: unknown;

  /** Reports progress, any JSON value; the latest wins. BullMQ: `updateProgress`. */
  abstract progress(value: unknown): Promise<void>;

  /** Appends a line to the job's log. */
  abstract log(text: string): Promise<void>;

  /**
   * Replaces the data that later attempts of this job get, this one's `data` stays as it is: where the next one is to go on.
   * Written only while this run holds the job.
   *
   * @throws LeaseLostError, PayloadError, StorageRefusedError
   */
  abstract checkpoint(data: Jsonify<D>): Promise<void>;

  /** Moves the deadline of this attempt to `ms` (default: `timeoutMs`) from now. Without `timeoutMs` it does nothing. */
  abstract extend(ms?: number): void;

  /** How much of `timeoutMs` is left, in ms; `undefined` without one. */
  abstract ttlMs(): number | undefined;

  /**
   * Runs `fn` and keeps its result with the job: a later attempt gets the recorded result and does not run `fn` again. A
   * crash between the effect of `fn` and its recording repeats it.
   */
  abstract step<T>(name: string, fn: () => T | Promise<T>): Promise<T>;

  /**
   * What the jobs returned on which this one depends (`dependsOn`), as it was when they ended: also if they were pruned since,
   * up to 64 KiB each.
   *
   * @example const rates = (await job.results()).get(job.data.ratesId);
   * @throws NoRedisError
   */
  abstract results(): Promise<DependencyResults>;

  /**
   * Returned by the handler, ends the attempt by moving the job into another queue of the same slot (or to the back of its own),
   * in one atomic command: as new, by the same id, with all its attempts. Its data stay unless others are given.
   *
   * @example return job.moveTo('billing', { ...job.data, total });
   * @throws CrossSlotError where the queues do not share a slot; InvalidOptionError, PayloadError
   */
  abstract moveTo(queue: string, data?: unknown, options?: Omit<MovePatch, 'data'>): Promise<Onward<never>>;

  /**
   * Returned by the handler, completes the job with `result` and adds another one, in one atomic command: surely, and once.
   *
   * @example return job.completeWith(total, { queue: 'billing', name: 'invoice', data: { total } });
   * @throws CrossSlotError where the queues do not share a slot; InvalidOptionError, PayloadError
   */
  abstract completeWith<R>(result: R, next: NextJob): Promise<Onward<R>>;
}
