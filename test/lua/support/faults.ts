import { checkCollections } from './collection-checks.js';
import { checkEdges } from './edge-checks.js';
import { checkHeld } from './held-checks.js';
import { homesOf, waitingIn, type Homes } from './homes.js';
import type { Keyspace } from './keyspace.js';
import { checkResources } from './limit-checks.js';
import { checkSides } from './side-checks.js';

/**
 * What is not as it must be after every call in the keys of a queue: each job in exactly one collection, with its records;
 * records and entries of nothing else; each counter equal to a recount. `hasSlot`: the queue has a slot of its own.
 */
export function faultsIn(keys: Keyspace, hasSlot: boolean): string[] {
  return [
    ...keys.unknownKeys(),
    ...oneHomeEach(keys, homesOf(keys)),
    ...checkCollections(keys),
    ...checkHeld(keys),
    ...checkSides(keys),
    ...(hasSlot ? checkResources(keys) : []),
    ...checkEdges(keys),
  ];
}

function oneHomeEach(keys: Keyspace, homes: Homes): string[] {
  const faults: string[] = [];
  const jobs = new Set(Object.keys(keys.hash('j')));
  for (const id of jobs) {
    const places = homes.get(id) ?? [];
    if (places.length !== 1) faults.push(`job ${id} is in ${places.length} collections: ${places.join(', ')}`);
  }
  for (const [id, places] of homes) if (!jobs.has(id)) faults.push(`${places.join(', ')} has ${id}, which is no job`);
  return faults;
}

/** What `counts` must say. */
export function recount(keys: Keyspace): unknown {
  const all = [...homesOf(keys).values()].flat();
  const count = (test: (home: string) => boolean): number => all.filter(test).length;
  const unclaimed = count((home) => home.startsWith('u:'));
  return {
    waiting: waitingIn(keys) + unclaimed,
    unclaimed,
    delayed: count((home) => home === 'd'),
    retrying: count((home) => home === 't'),
    aggregating: count((home) => home === 'ag'),
    blocked: count((home) => home === 'b'),
    active: count((home) => home.startsWith('h:')),
    finished: ['completed', 'failed', 'timed_out', 'broken', 'cancelled'].map((state) =>
      String(count((home) => home === (state === 'completed' ? 'fc' : `f:${state}`) || home === `y:${state}`)),
    ),
  };
}
