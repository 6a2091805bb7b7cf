import { InvalidOptionError, type Where } from '../../errors/index.js';
import type { ActiveJob } from '../../job/active-job.js';
import { validateName } from '../../job/names.js';
import { callable, duration, given, nameOf, oneOf, wholeNumber } from '../check/checks.js';
import type { BatchDefinition } from './batch-handler.js';
import { resolveConcurrency, type Concurrency, type ResolvedConcurrency } from './concurrency-option.js';
import { fieldTable, readFields, requireField } from '../check/fields.js';
import { FOREIGN_WORKER_OPTIONS } from '../check/foreign-names.js';
import {
  ANY_NAME,
  resolveHandler,
  resolveHandlers,
  type Handler,
  type HandlerDefinition,
  type ResolvedHandler,
} from './handler-options.js';
import { resolveJobDefaults, type JobDefaults, type ResolvedJobDefaults } from '../job/job-defaults.js';
import { LEASE_DEFAULTS, resolveLeaseOptions, type LeaseOptions, type ResolvedLeaseOptions } from './lease-options.js';
import { resolveLogEvents, type LogEvents, type ResolvedLogEvents } from '../log-events.js';
import { loggerOption, type Logger } from '../logger.js';
import { functionList, type RunMiddleware } from '../middleware.js';
import { resolveContext, type ContextSource, type ResolvedContext } from './context-option.js';
import {
  checkSchedules,
  orderQueues,
  resolveWorkQueues,
  type QueueOrder,
  type ResolvedWorkQueues,
  type WorkQueues,
} from './work-queues.js';
import { HEALTH_DEFAULTS, resolveHealth, type HealthOptions, type ResolvedHealth } from './health-option.js';
import { resolveHooks, type WorkerHooks } from './worker-hooks.js';

/** Gives the wait before the next attempt, in ms. `failures` counts from 1. */
export type BackoffFunction = (failures: number, error: Error, job: ActiveJob) => number;

/** The options of a `Worker`. `C` is the connection's type, which the options only pass on. */
export interface WorkerOptions<C extends object = object> {
  readonly connection: C;
  /**
   * One queue or several, by name or as `{ name, slot, weight }`; or weights by name, `{ critical: 6, default: 3, low: 1 }`.
   * An object may have `handlers` of its own, and `defaults` for its jobs, in place of the worker's.
   */
  readonly queues: WorkQueues;
  /** In which order several queues are served. @default 'round-robin'; 'weighted' where weights are given */
  readonly order?: QueueOrder | undefined;
  /** Runs the jobs of every name that `handlers` does not have. */
  readonly handler?: Handler | HandlerDefinition | BatchDefinition | undefined;
  /** By job name; `'*'` is the same as `handler`. */
  readonly handlers?: Readonly<Record<string, Handler | HandlerDefinition | BatchDefinition>> | undefined;
  /** @default 10 */
  readonly concurrency?: Concurrency | undefined;
  /** How many jobs are taken ahead of those that run. @default adaptive; none for slow handlers and where order matters */
  readonly prefetch?: number | undefined;
  readonly hooks?: WorkerHooks | undefined;
  /** Around each run of a handler, the first outermost. */
  readonly middleware?: readonly RunMiddleware[] | undefined;
  /** Makes what handlers share, once, before the first job: `job.context`. */
  readonly context?: ContextSource | undefined;
  /** Log lines about jobs with fields: `true`, or levels by event. @default false */
  readonly logEvents?: boolean | LogEvents | undefined;
  /** `false`: the attempt is repeated after the backoff and not counted. @default every error is a failure */
  readonly isFailure?: ((error: Error) => boolean) | undefined;
  /** Functions for `backoff: { type: 'custom', name }`. */
  readonly backoffs?: Readonly<Record<string, BackoffFunction>> | undefined;
  /** For jobs that neither themselves, nor by their handler, say otherwise. */
  readonly defaults?: JobDefaults | undefined;
  readonly lease?: LeaseOptions | undefined;
  /** How long `stop()` waits for running jobs before it aborts and gives them back. Keep it below the orchestrator's grace. @default 8000 */
  readonly shutdownTimeoutMs?: number | undefined;
  /** How long a hook may hold the slot of its job. @default 5000 */
  readonly hookTimeoutMs?: number | undefined;
  /** Looks after itself again and again, and tells of it; and of each change of its state. */
  readonly health?: HealthOptions | undefined;
  /** `start()` waits for a random part of this: so that many processes do not begin at once. @default 0 */
  readonly startJitterMs?: number | undefined;
  /** @default the connection's */
  readonly logger?: Logger | undefined;
  /** What the worker is called in lists. @default host and process id */
  readonly name?: string | undefined;
  /** The ids of the schedules that its program declares: `orphanedSchedules()` then knows of them. @default none */
  readonly schedules?: readonly string[] | undefined;
}

/** {@link WorkerOptions} as checked. */
export interface ResolvedWorkerOptions<C extends object = object> {
  readonly connection: C;
  /** In the order that counts. */
  readonly queues: ResolvedWorkQueues;
  readonly order: QueueOrder;
  /** By job name; the one under {@link ANY_NAME} takes every other name. Of the queues that have none of their own. */
  readonly handlers: ReadonlyMap<string, ResolvedHandler>;
  readonly concurrency: ResolvedConcurrency;
  readonly prefetch: number | undefined;
  readonly hooks: WorkerHooks;
  readonly middleware: readonly RunMiddleware[];
  readonly context: ResolvedContext | undefined;
  readonly logEvents: ResolvedLogEvents | false;
  readonly isFailure: ((error: Error) => boolean) | undefined;
  readonly backoffs: ReadonlyMap<string, BackoffFunction>;
  readonly defaults: ResolvedJobDefaults;
  readonly lease: ResolvedLeaseOptions;
  readonly shutdownTimeoutMs: number;
  readonly hookTimeoutMs: number;
  readonly health: ResolvedHealth;
  readonly startJitterMs: number;
  readonly logger: Logger | undefined;
  readonly name: string | undefined;
  readonly schedules: readonly string[];
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/** What an option of a worker is when it is left out. */
export const WORKER_DEFAULTS = Object.freeze({
  order: 'round-robin',
  concurrency: Object.freeze({ max: 10, when: undefined }) satisfies ResolvedConcurrency,
  prefetch: undefined,
  hooks: Object.freeze({}) as WorkerHooks,
  middleware: Object.freeze([]) as readonly RunMiddleware[],
  context: undefined,
  logEvents: false,
  isFailure: undefined,
  backoffs: new Map<string, BackoffFunction>(),
  defaults: resolveJobDefaults(undefined, ''),
  lease: LEASE_DEFAULTS,
  shutdownTimeoutMs: 8_000,
  hookTimeoutMs: 5_000,
  health: HEALTH_DEFAULTS,
  startJitterMs: 0,
  logger: undefined,
  name: undefined,
  schedules: Object.freeze([]) as readonly string[],
});

interface WorkerFields extends Omit<ResolvedWorkerOptions, 'handlers'> {
  readonly handler: ResolvedHandler;
  readonly handlers: ReadonlyMap<string, ResolvedHandler>;
}

const CONNECTION = 'a connection: await connect(url)';

const TABLE = fieldTable<WorkerFields>(
  {
    connection: given(CONNECTION),
    queues: resolveWorkQueues,
    order: oneOf('round-robin', 'weighted', 'strict', 'ordered'),
    handler: resolveHandler,
    handlers: resolveHandlers,
    concurrency: resolveConcurrency,
    prefetch: wholeNumber(0, 10_000),
    hooks: resolveHooks,
    middleware: functionList<RunMiddleware>(),
    context: resolveContext,
    logEvents: resolveLogEvents,
    isFailure: callable(),
    backoffs: checkBackoffs,
    defaults: (value, path, where) => resolveJobDefaults(value as JobDefaults, where, path),
    lease: resolveLeaseOptions,
    shutdownTimeoutMs: duration({ max: DAY_MS }),
    hookTimeoutMs: duration({ min: 1, max: DAY_MS }),
    health: resolveHealth,
    startJitterMs: duration({ max: DAY_MS }),
    logger: loggerOption,
    name: nameOf('worker'),
    schedules: checkSchedules,
  },
  FOREIGN_WORKER_OPTIONS,
);

/**
 * Checks the options of a worker.
 *
 * @throws InvalidOptionError, UnknownOptionError, InvalidNameError
 */
export function resolveWorkerOptions<C extends object>(
  input: WorkerOptions<C>,
  where: Where = 'new Worker()',
): ResolvedWorkerOptions<C> {
  const { handler, handlers, ...said } = readFields(input, TABLE, where);
  requireField(said.connection, 'connection', CONNECTION, where);
  requireField(said.queues, 'queues', 'the name of a queue, or several', where);
  return Object.freeze({
    ...WORKER_DEFAULTS,
    ...said,
    ...orderQueues(said.queues!, said.order, where),
    handlers: joinHandlers(handler, handlers, said.queues!, where),
  }) as ResolvedWorkerOptions<C>;
}

function joinHandlers(
  any: ResolvedHandler | undefined,
  named: ReadonlyMap<string, ResolvedHandler> = new Map(),
  queues: ResolvedWorkQueues,
  where: Where,
): ReadonlyMap<string, ResolvedHandler> {
  if (any === undefined && named.size === 0 && queues.some((queue) => queue.handlers === undefined)) {
    throw new InvalidOptionError({
      where,
      path: 'handlers',
      value: undefined,
      expected: 'a handler, or handlers by job name',
    });
  }
  if (any === undefined) return named;
  if (named.has(ANY_NAME)) {
    throw new InvalidOptionError({
      where,
      path: 'handler',
      value: any.run,
      expected: `either handler or handlers['${ANY_NAME}'], not both`,
    });
  }
  return new Map([...named, [ANY_NAME, any]]);
}

function checkBackoffs(value: unknown, path: string, where: Where): ReadonlyMap<string, BackoffFunction> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidOptionError({ where, path, value, expected: 'an object of functions by name' });
  }
  const checkFunction = callable<BackoffFunction>();
  return new Map(
    Object.entries(value).map(([name, run]) => [
      validateName('backoff', name),
      checkFunction(run, `${path}.${name}`, where),
    ]),
  );
}
