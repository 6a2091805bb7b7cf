import { describe, expect, it } from '@jest/globals';

import { register } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { LuaQueue } from './support/lua-queue.js';

const queue = luaQueue();
const registry = () => new LuaQueue(queue().redis, `${queue().base}registry`);

describe('register', () => {
  it('enters a queue once: the first place stays, and everybody is told it [core:A21]', async () => {
    expect(await registry().run(register, { name: 'mail', place: '1\t' })).toEqual({ code: 'OK', place: '1\t' });
    expect(await registry().run(register, { name: 'mail', place: '1\tshop' })).toEqual({ code: 'OK', place: '1\t' });
    expect(await registry().run(register, { name: 'other', place: '1\tshop' })).toEqual({
      code: 'OK',
      place: '1\tshop',
    });
  });

  it('without a place only says what is there', async () => {
    expect(await registry().run(register, { name: 'mail', place: '' })).toEqual({ code: 'OK', place: '' });
    expect(await queue().redis.exists(registry().base)).toBe(0);
    await registry().run(register, { name: 'mail', place: '1\t' });
    expect(await registry().run(register, { name: 'mail', place: '' })).toEqual({ code: 'OK', place: '1\t' });
  });

  it('writes to the key that it is given, and to no other: in a Cluster that one is in a slot of its own [core:A21]', async () => {
    await registry().run(register, { name: 'mail', place: '1\t' });
    expect(await queue().redis.hgetall(registry().base)).toEqual({ mail: '1\t' });
    expect(await queue().redis.keys(`${registry().base}:*`)).toEqual([]);
  });
});
