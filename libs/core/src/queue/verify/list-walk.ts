import { scripts } from '../../redis/index.js';
import type { QueueContext } from '../queue-context.js';
import { readFindings, type RawFinding } from './finding.js';

/** Lists in which a job is found by looking through them only: ready ones, those freed of void entries, completed ones. */
export type ListName = 'r' | 'rf' | 'fc';

/** What was met in the lists. */
export interface ListWalk {
  /** Entries of `r` and `rf`, and of `fc`. */
  readonly ready: ReadonlySet<string>;
  readonly done: ReadonlySet<string>;
  readonly found: readonly RawFinding[];
  readonly looked: number;
  /** How many entries of a list are void, where it did not move while it was read. */
  readonly dead: { readonly ready: Counted | undefined; readonly done: Counted | undefined };
}

interface Counted {
  /** Void entries met, and what the meta says. */
  readonly count: number;
  readonly said: number;
  readonly stamp: string;
}

interface OneWalk extends Counted {
  readonly isStill: boolean;
}

/**
 * Reads the lists from their tails, a page at a time. Entries leave at the head and enter at both ends, so one that is in a list
 * all the while is met, wherever it has moved to; what goes from `r` to `rf` is met in one of them.
 *
 * @param page entries a call
 */
export async function walkLists(queue: QueueContext, page: number): Promise<ListWalk> {
  const found: RawFinding[] = [];
  const ready = new Set<string>();
  const done = new Set<string>();
  let looked = 0;
  const walk = async (list: ListName, into: Set<string>): Promise<OneWalk> => {
    let [count, said, offset, first, last] = [0, 0, 0, '', ''];
    for (let length = Infinity; offset < length; offset += page) {
      const reply = await queue.ask(scripts.verifyList, { list, offset, count: page });
      for (const entry of reply.entries) into.add(entry);
      found.push(...readFindings(reply.found));
      looked += reply.entries.length;
      count += reply.dead;
      length = reply.length;
      said = reply.said;
      if (offset === 0) first = reply.stamp;
      last = reply.stamp;
    }
    return { count, said, stamp: last, isStill: first === last };
  };
  const r = await walk('r', ready);
  const rf = await walk('rf', ready);
  // An emptied `r` takes over what `rf` has: what was there is in `r` then.
  if (rf.stamp !== r.stamp) await walk('r', ready);
  const fc = await walk('fc', done);
  const isStill = r.isStill && rf.isStill && r.stamp === rf.stamp;
  return {
    ready,
    done,
    found,
    looked,
    dead: {
      ready: isStill ? { count: r.count + rf.count, said: rf.said, stamp: rf.stamp } : undefined,
      done: fc.isStill ? fc : undefined,
    },
  };
}
