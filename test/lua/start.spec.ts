import { describe, expect, it } from '@jest/globals';

import { luaQueue } from './support/harness.js';
import { LuaWorker } from './support/lua-worker.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();

describe('start', () => {
  it('marks held jobs as started, and writes nothing to them [core:A8, core:B16]', async () => {
    await queue().add('a', ['b', '', { fields: 's5' }], 'c');
    const worker = await queue().worker('E');
    const [a, b] = await worker.lease(3);
    const { reply, changed } = await queue().change(() => worker.start(a, b));
    expect(reply).toEqual({ code: 'OK', refused: '' });
    expect(changed).toEqual({
      'h:E': expect.objectContaining({ a: '0.1.1000000000000M', b: '0.1.1000000000001s5M', c: '0.1.1000000000002' }),
    });
  });

  it('changes nothing the second time [core:A13]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    await worker.start(job);
    const { reply, changed } = await queue().change(() => worker.start(job));
    expect([reply, changed]).toEqual([{ code: 'OK', refused: '' }, {}]);
  });

  it('refuses what is not held by that token, and marks the rest [core:A2]', async () => {
    await queue().add('a', 'b', 'c');
    const worker = await queue().worker('E');
    const [a, b] = await worker.lease(2);
    await queue().cancel('a');
    const wrong = { id: 'b', token: '0.9' };
    expect(await worker.start(a, wrong, b, { id: 'c', token: '0.1' })).toEqual({ code: 'OK', refused: '1,2,4' });
    expect((await queue().dump())['h:E']).toMatchObject({ b: '0.1.1000000000001M' });
  });

  it('leaves no mark behind: a run that ends as it should is not held against the next one [core:A8]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    await worker.start(job);
    await worker.end(job, 'g0\t0\t\t');
    await worker.lease(1);
    await queue().housekeep();
    for (let i = 0; i < 6; i++) {
      queue().pass(5_000);
      await queue().housekeep();
    }
    expect((await queue().dump())['m']).toEqual({ a: '10,0,0,0,S,' });
  });

  it('answers an epoch that is gone or going, and writes nothing [core:A4]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    await queue().redis.hdel(queue().key('h:E'), '\topen');
    const { reply, changed } = await queue().change(async () => [
      (await worker.start(job)).code,
      (await new LuaWorker(queue(), 'none').start(job)).code,
    ]);
    expect([reply, changed]).toEqual([['EPOCH_GONE', 'EPOCH_GONE'], {}]);
  });
});

describeMalformed(
  queue,
  'start',
  [
    ['an id without its token', ['E', 'a'], /PROTOCOL The last row/],
    ['a part of a token', ['E', 'a', '0'], /PROTOCOL A token/],
    ['the name of an inner field', ['E', '\topen', '0.1'], /PROTOCOL The id/],
    ['more than 1,000 rows', ['E', ...Array.from({ length: 2_002 }, () => '0.1')], /PROTOCOL More than 1000/],
  ],
  async (prepared) => {
    await prepared.add('a');
    await (await prepared.worker('E')).lease(1);
  },
);
