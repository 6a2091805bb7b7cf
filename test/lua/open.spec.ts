import { describe, expect, it } from '@jest/globals';

import { open } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START, TABLE } from './support/lua-queue.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();
const ASKED = { epoch: 'E', version: 1, lease: 30_000, info: '{"host":"h"}' };

describe('open', () => {
  it('creates the epoch with its lease, and says what the queue is like [core:A4, core:B4]', async () => {
    const { reply, changed } = await queue().change(() => queue().run(open, ASKED));
    expect(reply).toEqual({ code: 'OK', lease: 0, pause: 0, bits: '', unclaimed: [] });
    expect(changed).toEqual({
      'h:E': { '\topen': `1,30000,${START}`, ...TABLE },
      L: { E: START + 30_000 },
      ws: { E: '{"host":"h"}' },
      q: { format: '1', virtual: '1', seen: String(START) },
    });
  });

  it('counts as the first look at the queue: an outage right after it takes no jobs from those who live [core:A5]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.lease(1);
    queue().pass(45_000);
    await queue().housekeep();
    expect((await worker.renew()).code).toBe('OK');
    expect(await queue().counts()).toMatchObject({ active: 1 });
  });

  it('is no later look: those whom an outage stopped still get their time [core:A5]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.lease(1);
    await queue().housekeep();
    queue().pass(45_000);
    const { changed } = await queue().change(() => queue().run(open, { ...ASKED, epoch: 'F' }));
    expect(changed['q']).toBeUndefined();
    await queue().housekeep();
    expect((await worker.renew()).code).toBe('OK');
  });

  it('tells the lease that the queue asks for, whether it is paused, and what waits for a handler [core:B3, core:B4]', async () => {
    await queue().configure('lease', '5000');
    await queue().raw('pause', 1);
    await queue().redis.hset(queue().key('q'), 'bits', 'p');
    await queue().redis.sadd(queue().key('un'), 'greet');
    expect(await queue().run(open, ASKED)).toEqual({
      code: 'OK',
      lease: 5_000,
      pause: 1,
      bits: 'p',
      unclaimed: ['greet'],
    });
    await queue().redis.del(queue().key('un'));
  });

  it('changes nothing the second time, not even the lease [core:A13]', async () => {
    await queue().run(open, ASKED);
    queue().pass(1_000);
    const { changed } = await queue().change(() => queue().run(open, { ...ASKED, lease: 60_000 }));
    expect(changed).toEqual({});
  });

  it('does not bring an epoch back to life that is being emptied [core:A4]', async () => {
    const worker = await queue().worker('E');
    await queue().add('a');
    await worker.lease(1);
    await queue().redis.hdel(queue().key('h:E'), '\topen');
    const { changed } = await queue().change(() => queue().run(open, ASKED));
    expect(changed).toEqual({});
    expect((await worker.renew()).code).toBe('EPOCH_GONE');
  });

  it('asks for an upgrade where the queue uses a feature that it does not know [core:A22]', async () => {
    await queue().redis.hset(queue().key('q'), 'bits', 'Z');
    const { reply, changed } = await queue().change(() => queue().run(open, ASKED));
    expect([reply, changed]).toEqual([{ code: 'UPGRADE', bits: 'Z' }, {}]);
  });
});

describeMalformed(queue, 'open', [
  ['an empty epoch', ['', 1, 30_000, 'x'], /PROTOCOL The epoch/],
  ['an epoch with a control character', ['a\nb', 1, 30_000, 'x'], /PROTOCOL The epoch/],
  ['a version that is no number', ['E', 'new', 30_000, 'x'], /PROTOCOL version/],
  ['a lease that is no number', ['E', 1, 'long', 'x'], /PROTOCOL lease/],
  ['a lease below 100 ms', ['E', 1, 99, 'x'], /PROTOCOL lease/],
]);
