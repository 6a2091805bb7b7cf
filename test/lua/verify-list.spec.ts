import { describe, expect, it } from '@jest/globals';

import { verifyList } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';

const queue = luaQueue();
const look = (list = 'r', offset = 0, count = 100) => queue().run(verifyList, { list, offset, count });

describe('verify-list', () => {
  it('gives a part of a list from its tail on, in its order', async () => {
    await queue().add('producer0~a', 'producer0~b', 'producer0~c', 'producer0~d');
    expect(await look('r', 1, 2)).toMatchObject({
      entries: ['producer0~b', 'producer0~c'],
      dead: 0,
      said: 0,
      length: 4,
      found: [],
    });
    expect(await look('r', 3, 2)).toMatchObject({ entries: ['producer0~a'] });
    expect(await look('r', 4, 2)).toMatchObject({ entries: [] });
  });

  it('says how many entries are void, there and by the meta, and stamps what it saw', async () => {
    await queue().add('producer0~a', 'producer0~b');
    const { stamp } = await look();
    await queue().cancel('producer0~a');
    const after = await look();
    expect(after).toMatchObject({ entries: ['producer0~a', 'producer0~b'], dead: 1, said: 1 });
    expect(after.stamp).not.toBe(stamp);
    expect((await look()).stamp).toBe(after.stamp);
  });

  it('does the same for completed jobs', async () => {
    const worker = await queue().worker('E');
    await queue().add('producer0~a', 'producer0~b');
    for (const job of await worker.lease(2)) await worker.end(job);
    await queue().remove('producer0~a');
    expect(await look('fc')).toMatchObject({ entries: ['producer0~a', 'producer0~b'], dead: 1, said: 1, found: [] });
  });

  it('tells of an entry of a job that is elsewhere, and of one that does not belong there [case:R16]', async () => {
    await queue().add('producer0~a', ['producer0~b', 'd100'], ['producer0~c', 'p5', { fields: 'p5' }]);
    await queue().redis.rpush(queue().key('r'), 'producer0~b');
    await queue().redis.zrem(queue().key('pp'), 'producer0~c');
    await queue().redis.rpush(queue().key('r'), 'producer0~c');
    const { found } = await look();
    expect([0, 6].map((i) => found.slice(i, i + 3))).toEqual([
      ['several-homes', 'r', 'producer0~b'],
      ['misplaced', 'r', 'producer0~c'],
    ]);
    queue().isDamaged = true;
  });

  it('tells of an entry that is there twice [case:R16]', async () => {
    await queue().add('producer0~a', 'producer0~b');
    await queue().redis.rpush(queue().key('r'), 'producer0~a');
    expect((await look()).found.slice(0, 4)).toEqual(['several-homes', 'r', 'producer0~a', 'it stands there twice']);
    queue().isDamaged = true;
  });

  it('tells of a completed job that has lost its outcome [case:R16]', async () => {
    const worker = await queue().worker('E');
    await queue().add('producer0~a');
    await worker.end(await worker.leaseOne());
    await queue().redis.hdel(queue().key('o'), 'producer0~a');
    expect((await look('fc')).found.slice(0, 3)).toEqual(['missing', 'fc', 'producer0~a']);
    queue().isDamaged = true;
  });

  it.each([[['x', '0', '10']], [['r', '-1', '10']], [['r', '0', '0']], [['r', '0', '1001']]])(
    'refuses malformed calls: %j',
    async (argv) => {
      await expect(queue().raw('verify-list', ...argv)).rejects.toThrow(/^PROTOCOL /);
    },
  );
});
