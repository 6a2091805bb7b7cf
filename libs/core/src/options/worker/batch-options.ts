import { InvalidOptionError, type Where } from '../../errors/index.js';
import type { ActiveJob, NextJob } from '../../job/active-job.js';
import { validateName } from '../../job/names.js';
import { callable, duration, wholeNumber } from '../check/checks.js';
import { fieldTable, nested, requireField } from '../check/fields.js';

/** Which jobs run together, and how long they wait for each other. */
export interface BatchOptions<D = never> {
  /** At so many jobs a batch runs at once, and it never has more. 1 to 1,000. @default 100 */
  readonly maxSize?: number | undefined;
  /** How long after its newest job a batch runs: each new job begins this time anew. @default 1000 */
  readonly graceMs?: number | undefined;
  /** How long after its first job a batch runs at the latest. @default 10 times `graceMs` */
  readonly maxDelayMs?: number | undefined;
  /** Jobs with the same key run together: up to 256 bytes of text. @default one batch for all jobs of the name */
  // Taken from a method, whose parameters TypeScript compares both ways.
  readonly key?: { key(data: D): string }['key'] | undefined;
  /**
   * The name of a job: what the handler returns is the data of one that is added, by the same atomic command that completes
   * those of the batch. Nothing is added when it returns `undefined`. @default none is added
   */
  readonly into?: string | IntoJob | undefined;
}

/** The job that the jobs of a batch become; its data are what the handler returns. */
export type IntoJob = Omit<NextJob, 'data'>;

/** The batch that runs: what concerns all its jobs. */
export interface RunningBatch {
  /** Aborts when no job of the batch counts any more: all were cancelled, have timed out, or are lost. Each job has its own besides. */
  readonly signal: AbortSignal;
}

/**
 * Runs a batch. What it throws ends the attempt of every job in it. When it returns, all are completed; with an outcome for
 * each of them (as many as there are jobs, in their order, as `Promise.allSettled` gives them) each ends as its own says.
 */
export type BatchHandler<D = unknown, R = unknown> = {
  run(jobs: readonly ActiveJob<D>[], batch: RunningBatch): R;
}['run'];

/** {@link BatchOptions} as checked. */
export interface ResolvedBatch {
  readonly maxSize: number;
  readonly graceMs: number;
  readonly maxDelayMs: number;
  readonly key: ((data: unknown) => unknown) | undefined;
  readonly into: IntoJob | undefined;
  readonly run: BatchHandler;
}

/** What an option of a batch is when it is left out. */
export const BATCH_DEFAULTS = Object.freeze({ maxSize: 100, graceMs: 1_000, maxDelayFactor: 10 });

/** The most jobs in a batch. */
export const MAX_BATCH_SIZE = 1_000;

const DAY_MS = 24 * 60 * 60 * 1_000;
const readOptions = nested(
  fieldTable<ResolvedBatch>({
    maxSize: wholeNumber(1, MAX_BATCH_SIZE),
    graceMs: duration({ min: 1, max: 30 * DAY_MS }),
    maxDelayMs: duration({ min: 1, max: 30 * DAY_MS }),
    key: callable(),
    into: checkInto,
    run: callable<BatchHandler>(),
  }),
);

/** Checks the options of a batch, and its handler. */
export function resolveBatch(value: unknown, path: string, where: Where): ResolvedBatch {
  const said = readOptions(value, path, where);
  requireField(said.run, `${path}.run`, 'the function that runs the jobs', where);
  const { maxSize, graceMs } = { ...BATCH_DEFAULTS, ...said };
  const { key, into, run, maxDelayMs = BATCH_DEFAULTS.maxDelayFactor * graceMs } = said;
  return Object.freeze({ maxSize, graceMs, maxDelayMs, key, into, run: run as BatchHandler });
}

function checkInto(value: unknown, path: string, where: Where): IntoJob {
  const { name, queue, options } = (typeof value === 'string' ? { name: value } : Object(value)) as IntoJob;
  validateName('job', name);
  if (queue !== undefined) validateName('queue', queue);
  if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) {
    throw new InvalidOptionError({ where, path, value, expected: 'the name of a job, or { name, queue, options }' });
  }
  return { name, queue, options };
}
