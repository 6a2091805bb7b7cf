import { describe, expect, it } from '@jest/globals';

import { close } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';

const queue = luaQueue();

describe('close', () => {
  it('gives all that the epoch holds back to the front, uncharged and unsuspected, and leaves nothing of it [core:B1, case:C12]', async () => {
    await queue().add('a', 'b', 'c', 'd');
    const worker = await queue().worker('E');
    const [a] = await worker.lease(1);
    await worker.lease(2, '1');
    await worker.start(a);
    await worker.exchange({ want: 0, park: 0 });
    await queue().redis.sadd(queue().key('i'), 'E');
    const { reply, changed } = await queue().change(() => worker.close());
    expect(reply).toEqual({ code: 'OK', left: 0 });
    expect(changed).toEqual({ 'h:E': undefined, L: undefined, ws: undefined, i: undefined, r: ['a', 'b', 'c', 'd'] });
  });

  it('refuses all that comes after it, the fetch in flight too [core:B1]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    await worker.close();
    const { reply, changed } = await queue().change(async () => [
      (await worker.call({ want: 5, ends: [[job, '5']] })).code,
      (await worker.renew()).code,
      (await worker.start(job)).code,
      ((await queue().raw('reconcile', 'E', 0)) as string[])[0],
      ((await queue().raw('note', 'E', 'a', job.token, 'p', '', '5')) as string[])[0],
    ]);
    expect(reply).toEqual(['EPOCH_GONE', 'EPOCH_GONE', 'EPOCH_GONE', 'EPOCH_GONE', 'LEASE_LOST']);
    expect(changed).toEqual({});
  });

  it('takes 1,000 jobs a call and says that more are left [core:A16]', async () => {
    for (const part of ['a', 'b', 'c'])
      await queue().add(...Array.from({ length: 500 }, (_, i) => `${part}-${i.toString(36)}`));
    const worker = await queue().worker('E');
    await worker.lease(1_000);
    await worker.lease(500);
    expect(await worker.close()).toEqual({ code: 'OK', left: 1 });
    expect((await worker.call({ want: 1 })).code).toBe('EPOCH_GONE');
    expect(await queue().counts()).toMatchObject({ waiting: 1_000, active: 500 });
    expect(await worker.close()).toEqual({ code: 'OK', left: 0 });
    expect(await queue().counts()).toMatchObject({ waiting: 1_500, active: 0 });
  });

  it("keeps the order in which jobs were leased, call by call and within a call by the producer's count", async () => {
    const ids = Array.from({ length: 700 }, (_, i) => `p-${i.toString(36)}`);
    await queue().add(...ids, 'x');
    const worker = await queue().worker('E');
    await worker.lease(400);
    await worker.lease(300);
    await worker.close();
    expect(await queue().ids('waiting')).toEqual([...ids, 'x']);
  });

  it('cannot be undone by a late copy of the call that opened the epoch', async () => {
    for (const part of ['a', 'b', 'c']) await queue().add(...Array.from({ length: 500 }, (_, i) => `${part}${i}`));
    const worker = await queue().worker('E');
    await worker.lease(1_000);
    await worker.lease(500);
    await worker.close();
    await worker.open();
    expect((await worker.renew()).code).toBe('EPOCH_GONE');
    await worker.close();
  });

  it('changes nothing the second time, or for an epoch that never was [core:A13]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.leaseOne();
    await worker.close();
    const { reply, changed } = await queue().change(async () => [
      await worker.close(),
      await queue().run(close, { epoch: 'none' }),
    ]);
    expect([reply, changed]).toEqual([
      [
        { code: 'OK', left: 0 },
        { code: 'OK', left: 0 },
      ],
      {},
    ]);
  });

  it('leaves what it cannot finish to the sweep, which charges nothing to jobs that had not started [core:B1]', async () => {
    for (const part of ['a', 'b', 'c']) await queue().add(...Array.from({ length: 500 }, (_, i) => `${part}${i}`));
    const worker = await queue().worker('E');
    await worker.lease(1_000);
    await worker.lease(500);
    await worker.close();
    queue().pass(30_000);
    await queue().housekeep();
    expect(await queue().counts()).toMatchObject({ waiting: 1_500, active: 0 });
    expect(new Set(Object.values((await queue().dump())['m'] ?? {}))).toEqual(new Set(['10,0,0,0,S,']));
  });

  it('writes an event for each job', async () => {
    await queue().configure('listening', '60000');
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.leaseOne();
    await worker.close();
    expect(await queue().told()).toEqual(['g\t\t', 'w\ta\tgreet', 'a\ta\tgreet', 'w\ta\t']);
  });
});
