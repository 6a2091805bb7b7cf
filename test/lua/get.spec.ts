import { describe, expect, it } from '@jest/globals';

import { get } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { describeMalformed } from './support/malformed.js';
import { envelope, outcome } from './support/records.js';

const queue = luaQueue();

describe('get', () => {
  it('gives a row of ten for each id, in the order asked, and one with an empty state for none [core:A14] [seed:Q28]', async () => {
    await queue().add('a', ['b', 'd500'], ['p', 'p5', { fields: 'p5' }]);
    expect(await queue().run(get, { ids: ['b', 'none', 'a', 'p', 'a'] })).toEqual({
      code: 'OK',
      rows: [
        ...['b', 'delayed', envelope(START), null, null, null, String(START + 500), null, null, null],
        ...['none', '', null, null, null, null, null, null, null, null],
        ...['a', 'waiting', envelope(START), null, null, null, null, null, null, null],
        ...['p', 'waiting', envelope(START, { fields: 'p5' }), null, null, null, null, null, null, null],
        ...['a', 'waiting', envelope(START), null, null, null, null, null, null, null],
      ],
    });
  });

  it('tells who runs a job, and how far it is [seed:A27]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    await queue().raw('note', 'E', 'a', job.token, 'p', '', '{"done":0.5}');
    const { rows } = await queue().run(get, { ids: ['a'] });
    expect(rows).toEqual(['a', 'active', envelope(START), '10,0,0,0,N,', null, null, null, 'E', '{"done":0.5}', null]);
  });

  it('tells what the last attempt threw, and when the next one is due', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'r5\t700\t\t{"message":"no"}');
    const { rows } = await queue().run(get, { ids: ['a'] });
    expect(rows).toEqual([
      ...['a', 'retrying', envelope(START), '11,0,0,0,Y,', null],
      ...['{"message":"no"}', String(START + 700), null, null, null],
    ]);
  });

  it.each([
    ['c', 'completed'],
    ['f', 'failed'],
    ['t', 'timed_out'],
    ['b', 'broken'],
    ['x', 'cancelled'],
  ])('knows a job that ended by %s as %s, from its outcome', async (letter, state) => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), `${letter}5\t\t\ttext`);
    const { rows } = await queue().run(get, { ids: ['a'] });
    expect([rows[1], rows[4]]).toEqual([state, outcome(letter, START, 1, 5, 'text')]);
  });

  it('takes a job that waits for a handler for a waiting one', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'n5\t0\tgreet\t');
    expect(await queue().state('a')).toBe('waiting');
  });

  it('looks ids up in all epochs at once: the calls do not grow with ids times workers', async () => {
    const ids = Array.from({ length: 20 }, (_, i) => `a${i}`);
    await queue().add(...ids);
    for (let i = 0; i < 30; i++) await (await queue().worker(`E${i}`)).lease(1);
    const { hmget = 0 } = await queue().callsOf(() => queue().run(get, { ids }));
    expect(hmget).toBe(30);
  });

  it('refuses to look up more than 100,000 pairs of id and worker', async () => {
    const leases = Array.from({ length: 101 }, (_, i) => [START, `E${i}`]).flat();
    await queue().redis.zadd(queue().key('L'), ...(leases as [number, string]));
    queue().isDamaged = true;
    const ids = Array.from({ length: 1_000 }, (_, i) => `a${i}`);
    await expect(queue().run(get, { ids })).rejects.toThrow(
      /PROTOCOL With 101 workers, a call looks up at most 990 ids/,
    );
    expect((await queue().run(get, { ids: ids.slice(0, 990) })).rows).toHaveLength(990 * 10);
  });
});

describeMalformed(queue, 'get', [
  ['an empty id', [''], /PROTOCOL The id/],
  ['the name of an inner field', ['\topen'], /PROTOCOL The id/],
  ['more than 1,000 ids', Array.from({ length: 1_001 }, (_, i) => `x${i}`), /PROTOCOL More than 1000 rows/],
]);
