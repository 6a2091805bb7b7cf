import { keysUnder } from '../../redis/index.js';
import type { QueueContext } from '../queue-context.js';

/** Keys that all queues of a slot share. */
const SHARED = /^(?:r[mnu]$|rw:)/;

/**
 * In this order keys are looked at, so that what others are mended by is mended first; all that are not named come in between, in
 * the place of `*`. Jobs come last, when whatever has one is known, and the counters behind them.
 */
const ORDER = ['L', 'h:', 'ws', 'wk', 'i', 'un', 'u:', 'fe:', 'fk', 'x', 'm', '*', 'o', 'j', 'fg', 'tc', 'q'];

/** All keys of the queue, by their suffixes, in the order in which to look at them. */
export async function keysOf(queue: QueueContext): Promise<string[]> {
  const { client } = queue.connection;
  const found = new Set<string>(['q']);
  const start = `${queue.base}:`;
  for await (const keys of keysUnder(client, start))
    for (const key of keys) found.add(named(key.slice(start.length), queue));
  if (queue.slot !== undefined) {
    const shared = `${queue.base.slice(0, queue.base.indexOf('}') + 1)}:`;
    for await (const keys of keysUnder(client, shared))
      for (const key of keys) found.add(`^${key.slice(shared.length)}`);
  }
  return [...found].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** A queue with a slot of its own has those that slots share among its own. */
function named(suffix: string, queue: QueueContext): string {
  return queue.slot === undefined && SHARED.test(suffix) ? `^${suffix}` : suffix;
}

function rank(suffix: string): number {
  const place = ORDER.indexOf(suffix.includes(':') ? suffix.slice(0, suffix.indexOf(':') + 1) : suffix);
  return place < 0 ? ORDER.indexOf('*') : place;
}
