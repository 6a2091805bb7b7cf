import { describe, expect, it } from '@jest/globals';

import { verify } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';

const queue = luaQueue();

/** What a look at all of some keys tells: kind, key and member of each finding. */
async function look(...keys: readonly string[]): Promise<string[][]> {
  const found: string[][] = [];
  for (let rows = keys.flatMap((key) => [key, '']); rows.length > 0;) {
    const reply = await queue().run(verify, { count: 10, rows });
    for (let i = 0; i < reply.found.length; i += 6) found.push(reply.found.slice(i, i + 3));
    rows = [...reply.next];
  }
  return found;
}

describe('verify', () => {
  it('tells nothing of keys with which all is well, and of those that are not there', async () => {
    await queue().add('producer0~a', ['producer0~b', 'd100'], ['producer0~c', 'p5', { fields: 'p5' }]);
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'f1\t\t\tno');
    expect(
      await look('q', 'j', 'm', 'o', 'd', 'pp', 'f:failed', 'fk', 'fe:greet:Error', 'h:E', 'L', 'ws', 'st:all'),
    ).toEqual([['candidate', 'r', 'producer0~a']]);
    expect(await look('x', 'h:F', 'nothing')).toEqual([]);
  });

  it('changes nothing', async () => {
    await queue().add('producer0~a');
    await queue().redis.del(queue().key('r'));
    const { changed } = await queue().change(() => look('q', 'j'), { withLanes: true, withStats: true });
    expect(changed).toEqual({});
    queue().isDamaged = true;
  });

  it('tells what is wrong, in words, and how it is mended [case:R16]', async () => {
    await queue().add(['producer0~a', 'd100']);
    await queue().redis.hdel(queue().key('j'), 'producer0~a');
    expect(await queue().run(verify, { count: 10, rows: ['d', ''] })).toMatchObject({
      looked: 1,
      next: [],
      found: ['stray', 'd', 'producer0~a', 'an entry of a job that is not there', 'it is taken out', ''],
    });
    queue().isDamaged = true;
  });

  it('goes page by page, and stops at so many members', async () => {
    await queue().add(...Array.from({ length: 400 }, (_, i) => [`producer0~${i}`, 'd100'] as const));
    const { looked, next } = await queue().run(verify, { count: 50, rows: ['d', '', 'j', ''] });
    expect([looked, next]).toEqual([expect.any(Number), ['d', expect.stringMatching(/^\d+$/), 'j', '']]);
    expect(looked).toBeGreaterThanOrEqual(50);
    expect(looked).toBeLessThan(100);
    expect(await look('d', 'j')).toEqual([]);
  });

  it('with a count of 0 looks at nothing but the types of keys [case:R16]', async () => {
    await queue().redis.set(queue().key('d'), 'foreign');
    await queue().redis.set(queue().key('own:notes'), 'foreign');
    const { found } = await queue().run(verify, { count: 0, rows: ['d', '', 'own:notes', '', 'q', ''] });
    expect(found.filter((_, i) => i % 6 < 2)).toEqual(['wrong-type', 'd', 'unknown-key', 'own:notes']);
    queue().isDamaged = true;
  });

  it('works where the meta is of the wrong type, and refuses a queue of a later release', async () => {
    await queue().redis.hset(queue().key('q'), 'bits', '?');
    await expect(queue().run(verify, { count: 10, rows: ['q', ''] })).rejects.toThrow(/^UPGRADE_REQUIRED /);
    await queue().redis.set(queue().key('q'), 'foreign');
    const { found } = await queue().run(verify, { count: 0, rows: ['q', ''] });
    expect(found.slice(0, 2)).toEqual(['wrong-type', 'q']);
    queue().isDamaged = true;
  });

  it.each([[['-1', 'q', '']], [['1001', 'q', '']], [['10', 'q']]])('refuses malformed calls: %j', async (argv) => {
    await expect(queue().raw('verify', ...argv)).rejects.toThrow(/^PROTOCOL /);
  });
});
