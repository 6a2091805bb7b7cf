import { InvalidOptionError, type Where } from '../../errors/index.js';
import { wholeNumber } from '../check/checks.js';
import { resolveJobDefaults, type JobDefaults, type ResolvedJobDefaults } from '../job/job-defaults.js';
import { resolveQueueRefs, type QueueRef, type ResolvedQueueRefs } from '../queue/queue-refs.js';
import { checkScheduleId } from '../schedule/schedule-options.js';
import type { BatchDefinition } from './batch-handler.js';
import { resolveHandlers, type Handler, type HandlerDefinition, type ResolvedHandler } from './handler-options.js';

/** A queue of a worker; `weight` is its share where queues are worked by weights. */
export interface WorkQueue extends QueueRef {
  /** 1 … 1000. @default 1 */
  readonly weight?: number | undefined;
  /** Handlers of this queue's jobs. @default the worker's */
  readonly handlers?: Readonly<Record<string, Handler | HandlerDefinition | BatchDefinition>> | undefined;
  /** For this queue's jobs. @default the worker's */
  readonly defaults?: JobDefaults | undefined;
  /** The ids of this queue's schedules that its program declares. @default the worker's */
  readonly schedules?: readonly string[] | undefined;
}

/** The queues of a worker: one, a list, or weights by name, `{ critical: 6, default: 3, low: 1 }`. */
export type WorkQueues = string | WorkQueue | readonly (string | WorkQueue)[] | Readonly<Record<string, number>>;

/**
 * In which order the queues of a worker are served.
 *
 * - `round-robin`: each in turn.
 * - `weighted`: each in proportion to its weight, as long as it has jobs.
 * - `strict`: a queue only while those before it are empty. By weight, the heaviest first; else as they are listed.
 * - `ordered`: the same, always as they are listed.
 */
export type QueueOrder = 'round-robin' | 'weighted' | 'strict' | 'ordered';

/** {@link WorkQueue} as checked; what is missing is as the worker has it. */
export type ResolvedWorkQueue = ResolvedQueueRefs[number] & {
  readonly weight?: number;
  readonly handlers?: ReadonlyMap<string, ResolvedHandler>;
  readonly defaults?: ResolvedJobDefaults;
  readonly schedules?: readonly string[];
};

/** {@link WorkQueues} as checked: at least one, no name twice. */
export type ResolvedWorkQueues = readonly ResolvedWorkQueue[];

const CHECKS = {
  weight: wholeNumber(1, 1_000),
  handlers: resolveHandlers,
  defaults: (value: unknown, path: string, where: Where) => resolveJobDefaults(value as JobDefaults, where, path),
  schedules: checkSchedules,
};

/** Checks the queues of a worker. */
export function resolveWorkQueues(value: unknown, path: string, where: Where): ResolvedWorkQueues {
  if (isWeights(value)) return resolveWorkQueues(toList(value), path, where);
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return Object.freeze(
    resolveQueueRefs(value, path, where).map((ref, index) => {
      const item = Object(items[index]) as Readonly<Record<string, unknown>>;
      const said = Object.entries(CHECKS).filter(([option]) => item[option] !== undefined);
      const at = (option: string): string =>
        option === 'weight' ? `${path}.${ref.name}` : `${path}.${ref.name}.${option}`;
      const own = said.map(([option, check]) => [option, check(item[option], at(option), where)] as const);
      return Object.freeze({ ...ref, ...Object.fromEntries(own) });
    }),
  );
}

/** Checks the ids of schedules that a program declares. */
export function checkSchedules(value: unknown, path: string, where: Where): readonly string[] {
  if (!Array.isArray(value)) throw new InvalidOptionError({ where, path, value, expected: 'a list of ids' });
  return Object.freeze(value.map((id) => checkScheduleId(id, where)));
}

/**
 * The order in which queues are served, and the queues in the order that counts.
 *
 * @throws InvalidOptionError where weights are given to an order that has no use for them
 */
export function orderQueues(
  queues: ResolvedWorkQueues,
  order: QueueOrder | undefined,
  where: Where,
): { readonly queues: ResolvedWorkQueues; readonly order: QueueOrder } {
  const isWeighted = queues.some(({ weight }) => weight !== undefined);
  if (!isWeighted) return { queues, order: order ?? 'round-robin' };
  if (order === 'round-robin' || order === 'ordered') {
    const expected = "'weighted' or 'strict' where queues have weights";
    throw new InvalidOptionError({ where, path: 'order', value: order, expected, hint: 'Give the queues as a list.' });
  }
  if (order !== 'strict') return { queues, order: 'weighted' };
  const sorted = [...queues].sort((a, b) => (b.weight ?? 1) - (a.weight ?? 1));
  return { queues: Object.freeze(sorted), order };
}

/** A queue that is given as an object has a name, which is a text; weights are numbers. */
function isWeights(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return typeof (value as { name?: unknown }).name !== 'string' && !('slot' in value);
}

function toList(weights: Readonly<Record<string, unknown>>): unknown[] {
  // A weight that was left out would be taken for 1 in a list.
  return Object.entries(weights).map(([name, weight]) => ({ name, weight: weight ?? null }));
}
