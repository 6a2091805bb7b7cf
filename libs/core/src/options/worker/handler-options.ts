import { InvalidOptionError, type Where } from '../../errors/index.js';
import type { ActiveJob } from '../../job/active-job.js';
import { validateName } from '../../job/names.js';
import type { StandardSchema } from '../../types/standard-schema.js';
import { callable, checkSchema, wholeNumber } from '../check/checks.js';
import { fieldTable, readFields } from '../check/fields.js';
import { FOREIGN_JOB_OPTIONS } from '../check/foreign-names.js';
import { resolveBatch, type ResolvedBatch } from './batch-options.js';
import {
  checkErrorClasses,
  resolveErrorRules,
  type ErrorClass,
  type ErrorRule,
  type ResolvedErrorRule,
} from './error-rules.js';
import { JOB_DEFAULT_CHECKS, type JobDefaults, type ResolvedJobDefaults } from '../job/job-defaults.js';

/** Runs a job. What it returns (or resolves to) is the result; what it throws ends the attempt. */
// Taken from a method, whose parameters TypeScript compares both ways: a handler may say ActiveJob<{ userId: string }>.
export type Handler = { run(job: ActiveJob): unknown }['run'];

/** A handler with options of its own; those of {@link JobDefaults} are weaker than the job's. */
export interface HandlerDefinition extends JobDefaults {
  readonly run: Handler;
  /**
   * Checks the data before each run: what the schema gives is what the handler gets, and a job whose data does not fit ends
   * as broken. @default nothing is checked
   */
  readonly schema?: StandardSchema | undefined;
  /** How many of these jobs this worker runs at once. @default as many as the worker */
  readonly concurrency?: number | undefined;
  /** `false`: tried again after the backoff and not counted. @default the worker's */
  readonly isFailure?: ((error: Error) => boolean) | undefined;
  /** Errors that are not worth another attempt. */
  readonly failOn?: readonly ErrorClass[] | undefined;
  /** If given, only these errors are worth another attempt. */
  readonly retryOn?: readonly ErrorClass[] | undefined;
  /** What becomes of attempts that threw errors of some classes: stronger than the three above. The first rule that fits counts. */
  readonly onError?: readonly ErrorRule[] | undefined;
}

/** One handler as checked. */
export interface ResolvedHandler {
  /** Not called where there is a `batch`. */
  readonly run: Handler;
  /** `undefined`: jobs run one by one. */
  readonly batch: ResolvedBatch | undefined;
  readonly schema: StandardSchema | undefined;
  readonly concurrency: number | undefined;
  readonly isFailure: ((error: Error) => boolean) | undefined;
  readonly failOn: readonly ErrorClass[];
  /** `undefined`: every error is worth another attempt. */
  readonly retryOn: readonly ErrorClass[] | undefined;
  readonly onError: readonly ResolvedErrorRule[];
  readonly defaults: ResolvedJobDefaults;
}

/** The name under which a handler takes every job that has none of its own. */
export const ANY_NAME = '*';

/** The most jobs that one worker can be told to run at once. */
export const MAX_CONCURRENCY = 100_000;

interface HandlerFields extends ResolvedJobDefaults {
  readonly run: Handler;
  readonly batch?: ResolvedBatch;
  readonly schema?: StandardSchema;
  readonly concurrency?: number;
  readonly isFailure?: (error: Error) => boolean;
  readonly failOn?: readonly ErrorClass[];
  readonly retryOn?: readonly ErrorClass[];
  readonly onError?: readonly ResolvedErrorRule[];
}

const TABLE = fieldTable<HandlerFields>(
  {
    ...JOB_DEFAULT_CHECKS,
    run: callable<Handler>(),
    batch: resolveBatch,
    schema: checkSchema,
    concurrency: wholeNumber(1, MAX_CONCURRENCY),
    isFailure: callable<(error: Error) => boolean>(),
    failOn: checkErrorClasses,
    retryOn: checkErrorClasses,
    onError: resolveErrorRules,
  },
  FOREIGN_JOB_OPTIONS,
);

/** The `run` of a handler of batches: its batch has another one. */
const NEVER: Handler = () => undefined;

/** Checks a handler: a function, a definition with `run`, or what `batch()` made. */
export function resolveHandler(value: unknown, path: string, where: Where): ResolvedHandler {
  const said = typeof value === 'function' ? { run: value as Handler } : readFields(value, TABLE, where, path);
  const {
    batch,
    run = batch && NEVER,
    schema,
    concurrency,
    isFailure,
    failOn = [],
    retryOn,
    onError = [],
    ...defaults
  }: Partial<HandlerFields> = said;
  if (run === undefined) {
    throw new InvalidOptionError({
      where,
      path: `${path}.run`,
      value: run,
      expected: 'the function that runs the job',
    });
  }
  return Object.freeze({
    run,
    batch,
    schema,
    concurrency,
    isFailure,
    failOn,
    retryOn,
    onError,
    defaults: Object.freeze(defaults),
  });
}

/** Checks handlers by job name; `*` takes the names that have none. */
export function resolveHandlers(value: unknown, path: string, where: Where): ReadonlyMap<string, ResolvedHandler> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidOptionError({ where, path, value, expected: 'an object of handlers by job name' });
  }
  const handlers = new Map<string, ResolvedHandler>();
  for (const [name, handler] of Object.entries(value)) {
    handlers.set(validateName('job', name), resolveHandler(handler, `${path}.${name}`, where));
  }
  return handlers;
}
