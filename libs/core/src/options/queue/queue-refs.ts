import { InvalidOptionError, type Where } from '../../errors/index.js';
import { validateName } from '../../job/names.js';

/** A queue by name and slot. What `defineQueue()` returns is one. */
export interface QueueRef {
  readonly name: string;
  readonly slot?: string | undefined;
}

/** The queues of a worker as checked: at least one, no name twice. */
export type ResolvedQueueRefs = readonly { readonly name: string; readonly slot?: string }[];

/** Checks the queues of a worker: a name, names, or references with a slot. */
export function resolveQueueRefs(value: unknown, path: string, where: Where): ResolvedQueueRefs {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (items.length === 0) throw new InvalidOptionError({ where, path, value, expected: 'at least one queue' });
  const refs = items.map((item, index) => resolveRef(item, Array.isArray(value) ? `${path}[${index}]` : path, where));
  const seen = new Set<string>();
  for (const { name } of refs) {
    if (seen.has(name)) throw new InvalidOptionError({ where, path, value: name, expected: 'each queue once' });
    seen.add(name);
  }
  return Object.freeze(refs);
}

function resolveRef(item: unknown, path: string, where: Where): ResolvedQueueRefs[number] {
  if (typeof item === 'string') return Object.freeze({ name: validateName('queue', item) });
  if (typeof item !== 'object' || item === null || !('name' in item)) {
    throw new InvalidOptionError({ where, path, value: item, expected: 'the name of a queue, or { name, slot }' });
  }
  const { name, slot } = item as { name: unknown; slot?: unknown };
  const checked = { name: validateName('queue', name) };
  return Object.freeze(slot === undefined ? checked : { ...checked, slot: validateName('slot', slot) });
}
