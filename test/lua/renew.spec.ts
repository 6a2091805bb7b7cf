import { describe, expect, it } from '@jest/globals';

import { luaQueue } from './support/harness.js';
import { START, TABLE } from './support/lua-queue.js';
import { LuaWorker } from './support/lua-worker.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();

describe('renew', () => {
  it('moves the end of the lease, and nothing else', async () => {
    const worker = await queue().worker('E');
    queue().pass(10_000);
    const { reply, changed } = await queue().change(() => worker.renew());
    expect(reply).toEqual({ code: 'OK', lease: 0, pause: 0, bits: '', taken: '' });
    expect(changed).toEqual({ L: { E: START + 40_000 } });
  });

  it('takes a new length of the lease, which counts from now on [core:B4]', async () => {
    const worker = await queue().worker('E');
    const { changed } = await queue().change(() => worker.renew({ lease: 5_000 }));
    expect(changed).toEqual({ 'h:E': { '\topen': `1,5000,${START}`, ...TABLE }, L: { E: START + 5_000 } });
    queue().pass(100);
    await worker.exchange();
    expect((await queue().dump())['L']).toEqual({ E: START + 5_100 });
  });

  it('tells the lease that the queue asks for; a shorter one expires nobody by itself [core:B4]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.leaseOne();
    await queue().housekeep();
    await queue().configure('lease', '3000');
    queue().pass(9_999);
    await queue().housekeep();
    expect(await worker.renew()).toMatchObject({ code: 'OK', lease: 3_000 });
  });

  it('says which pause the worker obeys, and never takes that back', async () => {
    const worker = await queue().worker('E');
    await queue().raw('pause', 1);
    await queue().raw('pause', 0);
    expect(await worker.renew({ pause: 2 })).toMatchObject({ pause: 2 });
    await worker.renew({ pause: 1 });
    expect((await queue().dump())['h:E']).toMatchObject({ '\tpause': '2' });
  });

  it.each([
    ['paused', 1, undefined, 2],
    ['not paused', 2, '1', 3],
    ['paused, and it is', 3, '1', 3],
  ])(
    'tells a worker that obeys a higher pause number what holds: it was %s, and the meta was lost [case:R16]',
    async (_, obeyed, stored, told) => {
      const worker = await queue().worker('E');
      if (stored !== undefined) await queue().redis.hset(queue().key('q'), 'pause', stored);
      expect(await worker.renew({ pause: obeyed })).toMatchObject({ pause: told });
      expect((await queue().dump())['q']).toMatchObject({ pause: String(told) });
      expect(await worker.renew({ pause: told })).toMatchObject({ pause: told });
    },
  );

  it('tells of runs that were taken away until their receipt is shown [core:B2]', async () => {
    await queue().add('a', 'b');
    const worker = await queue().worker('E');
    await worker.lease(2);
    await queue().cancel('a', 'b');
    expect(await worker.renew()).toMatchObject({ taken: '1\ta\t0.1\tcancelled\n2\tb\t0.1\tcancelled\n' });
    expect(await worker.renew({ received: 1 })).toMatchObject({ taken: '2\tb\t0.1\tcancelled\n' });
    expect(await worker.renew({ received: 2 })).toMatchObject({ taken: '' });
    expect((await queue().dump())['h:E']).toMatchObject({ '\ttaken': '2\n' });
  });

  it('tells the features of the queue, known or not [core:A22]', async () => {
    const worker = await queue().worker('E');
    await queue().redis.hset(queue().key('q'), 'bits', 'pZ');
    expect(await worker.renew()).toMatchObject({ code: 'OK', bits: 'pZ' });
  });

  it('brings no epoch to life that is gone or going [core:A4, case:X3]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.leaseOne();
    await queue().redis.hdel(queue().key('h:E'), '\topen');
    const { reply, changed } = await queue().change(async () => [
      (await worker.renew()).code,
      (await new LuaWorker(queue(), 'none').renew()).code,
    ]);
    expect([reply, changed]).toEqual([['EPOCH_GONE', 'EPOCH_GONE'], {}]);
  });

  it('makes no lease for an epoch that has none, nor does an exchange [core:A4]', async () => {
    const worker = await queue().worker('E');
    await queue().redis.zrem(queue().key('L'), 'E');
    queue().isDamaged = true;
    await worker.renew();
    await worker.exchange();
    expect((await queue().dump())['L']).toBeUndefined();
  });

  it('changes nothing more the second time [core:A13]', async () => {
    const worker = await queue().worker('E');
    await worker.renew({ lease: 5_000, pause: 0 });
    const { changed } = await queue().change(() => worker.renew({ lease: 5_000, pause: 0 }));
    expect(changed).toEqual({});
  });
});

describeMalformed(
  queue,
  'renew',
  [
    ['a lease that is no number', ['E', 'long', 0, 0], /PROTOCOL lease/],
    ['a lease below 100 ms', ['E', 0, 0, 0], /PROTOCOL lease/],
    ['a lease without end', ['E', 'inf', 0, 0], /PROTOCOL lease/],
    ['a received that is no number', ['E', 30_000, '', 0], /PROTOCOL received/],
    ['a pause that is no number', ['E', 30_000, 0, 'x'], /PROTOCOL pause/],
  ],
  (prepared) => prepared.worker('E'),
);
