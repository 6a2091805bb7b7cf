import { expect } from '@jest/globals';

import * as scripts from '../../../libs/core/src/redis/scripts.generated.js';
import { checkCollections } from './collection-checks.js';
import { checkEdges } from './edge-checks.js';
import { checkHeld } from './held-checks.js';
import type { LuaQueue } from './lua-queue.js';
import { homesOf, waitingIn, type Homes } from './homes.js';
import { checkResources } from './limit-checks.js';
import { Keyspace } from './keyspace.js';
import { checkSides } from './side-checks.js';

/**
 * Holds all keys of a queue against what must be true of them after every call: each job in exactly one collection, with
 * its records; records and entries of nothing else; each counter equal to a recount.
 */
export async function assertInvariants(queue: LuaQueue): Promise<void> {
  const keys = new Keyspace(await queue.dump());
  const homes = homesOf(keys);
  const faults = [
    ...keys.unknownKeys(),
    ...oneHomeEach(keys, homes),
    ...checkCollections(keys),
    ...checkHeld(keys),
    ...checkSides(keys),
    ...(queue.base.endsWith('}') ? checkResources(keys) : []),
    ...checkEdges(keys),
  ];
  expect(faults).toEqual([]);
  expect(await counted(queue)).toEqual(recount(keys, homes));
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
function recount(keys: Keyspace, homes: Homes): unknown {
  const all = [...homes.values()].flat();
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

async function counted(queue: LuaQueue): Promise<unknown> {
  const { code: _, names: __, ...rest } = await queue.run(scripts.counts, {});
  return rest;
}
