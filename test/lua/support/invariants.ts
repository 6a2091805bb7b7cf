import { expect } from '@jest/globals';

import * as scripts from '../../../libs/core/src/redis/scripts.generated.js';
import { faultsIn, recount } from './faults.js';
import { Keyspace } from './keyspace.js';
import type { LuaQueue } from './lua-queue.js';

/** Holds all keys of a queue against what must be true of them after every call, and what `counts` says against a recount. */
export async function assertInvariants(queue: LuaQueue): Promise<void> {
  const keys = new Keyspace(await queue.dump());
  expect(faultsIn(keys, queue.base.endsWith('}'))).toEqual([]);
  expect(await counted(queue)).toEqual(recount(keys));
}

async function counted(queue: LuaQueue): Promise<unknown> {
  const { code: _, names: __, ...rest } = await queue.run(scripts.counts, {});
  return rest;
}
