import { describe, expect, it } from '@jest/globals';

import { promote } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';

const queue = luaQueue();

describe('promote', () => {
  it('lets delayed jobs run now, at the back, in the order named', async () => {
    await queue().add(['a', 'd1000'], ['b', 'd2000'], 'c', ['p', 'd5,p3', { fields: 'p3' }]);
    const { reply, changed } = await queue().change(() => queue().promote('b', 'a', 'p'));
    expect(reply).toBe('PPP');
    expect(changed).toEqual({
      d: undefined,
      r: ['c', 'b', 'a'],
      pp: { p: expect.any(Number) },
      m: { a: '10,0,0,0,Y,', b: '10,0,0,0,Y,', p: '10,0,0,0,Y,3' },
      ...Object.fromEntries(['a', 'b', 'p'].map((id) => [`hs:${id}`, [`P${START}\t0\t0\t\t\n`]])),
      q: expect.objectContaining({ turn: expect.any(String) }),
    });
  });

  it('lets a retrying job run now; what was charged stays charged', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'r1\t1000\t\t{"message":"no"}');
    const { changed } = await queue().change(() => queue().promote('a'));
    expect(changed).toEqual({ t: undefined, r: ['a'], 'hs:a': [expect.any(String), `P${START}\t1\t0\t\t\n`] });
    expect((await worker.leaseOne()).header).toBe('11,0,0,0,Y,');
  });

  it('says of each other job that it was not waiting for its time, once per id', async () => {
    await queue().add('waiting', 'active', ['d', 'd5'], 'done');
    const worker = await queue().worker('E');
    await queue().cancel('done', 'waiting');
    await worker.lease(1);
    expect(await queue().promote('waiting', 'active', 'd', 'd', 'done', 'none')).toBe('SSPSSN');
    expect(await queue().ids('waiting')).toEqual(['d']);
  });

  it('has one effect when it is sent again, and says the same [core:A13, case:X6]', async () => {
    await queue().add(['a', 'd1000']);
    const args = { laneId: 'admin', seq: 2, ids: ['a'] };
    const first = await queue().run(promote, args);
    await (await queue().worker('E')).lease(1);
    const { reply, changed } = await queue().change(() => queue().run(promote, args), { withLanes: true });
    expect([reply, changed]).toEqual([first, {}]);
    expect(await queue().run(promote, { ...args, seq: 1 })).toEqual({ code: 'OLD' });
  });

  it('wakes workers, and writes events', async () => {
    await (await queue().worker('E')).exchange({ want: 1, park: 1 });
    await queue().configure('listening', '60000');
    await queue().add(['a', 'd1000']);
    await queue().redis.sadd(queue().key('i'), 'E');
    await queue().promote('a');
    const dump = await queue().dump();
    expect(dump['i']).toBeUndefined();
    expect(await queue().told()).toEqual(['g\t\t', 'd\ta\tgreet', 'w\ta\t']);
  });

  it('refuses to judge a queue that uses a feature it does not know [core:A22]', async () => {
    await queue().redis.hset(queue().key('q'), 'bits', 'Z');
    await expect(queue().promote('a')).rejects.toThrow(/^UPGRADE_REQUIRED/);
  });
});

describeMalformed(
  queue,
  'promote',
  [
    ...malformedLanes('a'),
    ['an empty id', ['lane', 1, 'a', ''], /PROTOCOL The id/],
    [
      'more than 1,000 ids',
      ['lane', 1, ...Array.from({ length: 1_001 }, (_, i) => `x${i}`)],
      /PROTOCOL More than 1000/,
    ],
  ],
  (prepared) => prepared.add(['a', 'd1000']),
);
