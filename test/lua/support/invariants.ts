import { expect } from '@jest/globals';

import * as scripts from '../../../libs/core/src/redis/scripts.generated.js';
import { faultsIn, recount } from './faults.js';
import { Keyspace } from './keyspace.js';
import type { LuaQueue } from './lua-queue.js';

/** Holds all keys of a queue against what must be true of them after every call, and what `counts` says against a recount. */
export async function assertInvariants(queue: LuaQueue): Promise<void> {
  expect(await faultsOf(queue)).toEqual([]);
}

/** What of that is not true, in words. */
export async function faultsOf(queue: LuaQueue): Promise<string[]> {
  const keys = new Keyspace(await queue.dump());
  const faults = faultsIn(keys, queue.base.endsWith('}'));
  const [said, is] = [await counted(queue), recount(keys)].map(sorted);
  return said === is ? faults : [...faults, `counts says ${said}, and there are ${is}`];
}

async function counted(queue: LuaQueue): Promise<unknown> {
  const { code: _, names: __, ...rest } = await queue.run(scripts.counts, {});
  return rest;
}

function sorted(counts: unknown): string {
  return JSON.stringify(Object.entries(counts as object).sort(([a], [b]) => (a < b ? -1 : 1)));
}
