import { describe, expect, it } from '@jest/globals';

import { counts } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';

const queue = luaQueue();
const EMPTY = {
  code: 'OK',
  waiting: 0,
  unclaimed: 0,
  delayed: 0,
  retrying: 0,
  blocked: 0,
  active: 0,
  finished: ['0', '0', '0', '0', '0'],
  names: [],
  aggregating: 0,
};

describe('counts', () => {
  it('is all zero for an empty queue, and for one that nobody declared', async () => {
    expect(await queue().counts()).toEqual(EMPTY);
    await queue().redis.del(queue().key('q'));
    expect(await queue().run(counts, {})).toEqual(EMPTY);
  });

  it('counts the jobs of each state [case:I7] [seed:Q20, seed:Q21]', async () => {
    await queue().add(
      'a',
      'b',
      'c',
      'd',
      'e',
      'f',
      'g',
      'h',
      'i',
      ['p', 'p5', { fields: 'p5' }],
      ['n', 'p-5', { fields: 'p-5' }],
    );
    await queue().add(['x', 'd1000'], ['y', 'd1000'], 'ghost', 'w', ['k', 'd1000', { fields: 'k:5000' }]);
    await queue().cancel('ghost', 'k');
    const worker = await queue().worker('E');
    const [, a, b, c, d, e, f, g] = await worker.lease(8);
    await worker.exchange({
      ends: [
        [a, '1'],
        [b, 'f1\t\t\t'],
        [c, 't1\t\t\t'],
        [d, 'b1\t\t\t'],
        [e, 'r1\t1000\t\t'],
        [f, 'n1\t0\tgreet\t'],
        [g, 'n1\t0\tbye\t'],
      ],
    });
    expect(await queue().counts()).toEqual({
      code: 'OK',
      waiting: 6,
      unclaimed: 2,
      delayed: 2,
      retrying: 1,
      blocked: 0,
      active: 1,
      finished: ['1', '1', '1', '1', '2'],
      names: expect.arrayContaining(['greet', 'bye']),
      aggregating: 0,
    });
  });

  it('counts the jobs of an epoch that is being emptied, and nothing of what it says of itself', async () => {
    await queue().add('a', 'b');
    const worker = await queue().worker('E');
    await worker.lease(1);
    await worker.lease(1, '1');
    await queue().cancel('b');
    await worker.renew({ pause: 2 });
    await queue().redis.hdel(queue().key('h:E'), '\topen');
    expect(await queue().counts()).toMatchObject({ active: 1 });
  });

  it('counts the part of the list that was freed of ghosts', async () => {
    const ids = Array.from({ length: 1_100 }, (_, i) => `g${i}`);
    await queue().add(...ids.slice(0, 600));
    await queue().add(...ids.slice(600), 'live1', 'live2');
    await queue().cancel(...ids.slice(0, 600));
    await queue().cancel(...ids.slice(600));
    await queue().housekeep(1_000);
    expect((await queue().dump())['q']).toMatchObject({ bits: 'g' });
    expect(await queue().counts()).toMatchObject({ waiting: 2 });
  });
});
