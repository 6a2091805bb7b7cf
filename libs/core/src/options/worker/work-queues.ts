import { InvalidOptionError, type Where } from '../../errors/index.js';
import { wholeNumber } from '../check/checks.js';
import { resolveQueueRefs, type QueueRef, type ResolvedQueueRefs } from '../queue/queue-refs.js';

/** A queue of a worker; `weight` is its share where queues are worked by weights. */
export interface WorkQueue extends QueueRef {
  /** 1 … 1000. @default 1 */
  readonly weight?: number | undefined;
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

/** {@link WorkQueues} as checked: at least one, no name twice. */
export type ResolvedWorkQueues = readonly (ResolvedQueueRefs[number] & { readonly weight?: number })[];

const checkWeight = wholeNumber(1, 1_000);

/** Checks the queues of a worker. */
export function resolveWorkQueues(value: unknown, path: string, where: Where): ResolvedWorkQueues {
  if (isWeights(value)) return resolveWorkQueues(toList(value), path, where);
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return Object.freeze(
    resolveQueueRefs(value, path, where).map((ref, index) => {
      const { weight } = Object(items[index]) as { weight?: unknown };
      if (weight === undefined) return ref;
      return Object.freeze({ ...ref, weight: checkWeight(weight, `${path}.${ref.name}`, where) });
    }),
  );
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
