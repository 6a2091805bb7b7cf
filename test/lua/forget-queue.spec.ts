import { describe, expect, it } from '@jest/globals';

import { forgetQueue, register } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { LuaQueue } from './support/lua-queue.js';

const queue = luaQueue();

describe('forget-queue', () => {
  it('takes a queue off the registry, and leaves the others [seed:Q23, core:A13]', async () => {
    const registry = new LuaQueue(queue().redis, queue().key('queues'));
    for (const name of ['mail', 'other']) await registry.run(register, { name, place: '1\t' });
    const replies = await registry.twice(forgetQueue, { name: 'mail' });
    expect(replies.map(({ had }) => had)).toEqual([1, 0]);
    expect(await queue().redis.hkeys(registry.base)).toEqual(['other']);
    await queue().redis.del(registry.base);
  });
});
