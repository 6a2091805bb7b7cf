import { describe, expect, it } from '@jest/globals';

import { setAside } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';

const queue = luaQueue();

describe('set-aside', () => {
  it('renames what is no key of a queue, and what is of the wrong type; nothing else [case:R16]', async () => {
    await queue().add('a');
    await queue().redis.set(queue().key('d'), 'foreign');
    await queue().redis.hset(queue().key('own:notes'), 'f', 'v');
    expect(await queue().run(setAside, { rows: ['d', 'own:notes', 'j', 'r', 'e'] })).toMatchObject({ aside: 2 });
    expect(await queue().redis.get(`${queue().base}!d`)).toBe('foreign');
    expect(await queue().redis.hgetall(`${queue().base}!own:notes`)).toEqual({ f: 'v' });
    expect(await queue().redis.exists(queue().key('d'), queue().key('own:notes'))).toBe(0);
  });

  it('does it once, however often it is sent; what is there keeps its name [core:A13]', async () => {
    await queue().redis.set(`${queue().base}!d`, 'earlier');
    await queue().redis.set(queue().key('d'), 'foreign');
    const [first, again] = await queue().twice(setAside, { rows: ['d'] });
    expect([first.aside, again.aside]).toEqual([1, 0]);
    expect(await queue().redis.mget(`${queue().base}!d`, `${queue().base}!d!2`)).toEqual(['earlier', 'foreign']);
  });

  it('works when memory is full', async () => {
    await queue().redis.set(queue().key('d'), 'foreign');
    await queue().withFullMemory(() => queue().run(setAside, { rows: ['d'] }));
    expect(await queue().redis.exists(queue().key('d'))).toBe(0);
  });
});
