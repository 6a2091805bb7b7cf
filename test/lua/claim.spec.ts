import { describe, expect, it } from '@jest/globals';

import { claim } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';

const queue = luaQueue();

/** Jobs that a worker without a handler leased and set aside. */
async function setAside(name: string, ...ids: readonly string[]) {
  await queue().add(...ids);
  const worker = await queue().worker(`W-${name}`);
  const jobs = await worker.lease(ids.length);
  await worker.exchange({ ends: jobs.map((job) => [job, `n0\t0\t${name}\t`]) });
  return worker;
}

describe('claim', () => {
  it('puts the jobs of a name back to the front of the queue, in their order [core:B3]', async () => {
    await setAside('greet', 'a', 'b', 'c');
    await setAside('other', 'd');
    await queue().add('later');
    const { reply, changed } = await queue().change(() => queue().run(claim, { name: 'greet' }));
    expect(reply).toEqual({ code: 'OK', moved: 3 });
    expect(changed).toEqual({ r: ['a', 'b', 'c', 'later'], 'u:greet': undefined, un: ['other'] });
  });

  it('keeps the order of jobs that were set aside after an earlier claim', async () => {
    await setAside('greet', 'a', 'b');
    await queue().run(claim, { name: 'greet' });
    const worker = await queue().worker('F');
    const jobs = await worker.lease(2);
    await worker.exchange({ ends: jobs.map((job) => [job, 'n0\t0\tgreet\t']) });
    await queue().add('c');
    await worker.end(await worker.leaseOne(), 'n0\t0\tgreet\t');
    await queue().run(claim, { name: 'greet' });
    expect(await queue().ids('waiting')).toEqual(['a', 'b', 'c']);
  });

  it('moves 1,000 at most in one call, the oldest [core:A16]', async () => {
    const ids = Array.from({ length: 1_000 }, (_, i) => `n${i}`);
    await setAside('greet', ...ids);
    const worker = await queue().worker('F');
    await queue().add('last');
    await worker.end(await worker.leaseOne(), 'n0\t0\tgreet\t');
    expect(await queue().run(claim, { name: 'greet' })).toEqual({ code: 'OK', moved: 1_000 });
    expect((await queue().dump())['u:greet']).toEqual({ last: 1_001 });
    expect(await queue().run(claim, { name: 'greet' })).toEqual({ code: 'OK', moved: 1 });
  });

  it('moves nothing the second time [core:A13]', async () => {
    await setAside('greet', 'a');
    await queue().run(claim, { name: 'greet' });
    const { reply, changed } = await queue().change(() => queue().run(claim, { name: 'greet' }));
    expect([reply, changed]).toEqual([{ code: 'OK', moved: 0 }, {}]);
  });

  it('forgets a name that has no jobs', async () => {
    await queue().redis.sadd(queue().key('un'), 'stray');
    await queue().run(claim, { name: 'stray' });
    expect((await queue().dump())['un']).toBeUndefined();
  });

  it('returns jobs of a later format as they are, for a worker that can read them [core:A22]', async () => {
    await queue().add('a');
    await queue().redis.hset(queue().key('j'), 'a', '2 whatever');
    await (await queue().worker('E')).lease(1);
    expect(await queue().run(claim, { name: '\tformat' })).toEqual({ code: 'OK', moved: 1 });
    await (await queue().worker('F')).lease(1);
    expect((await queue().dump())['j']).toEqual({ a: '2 whatever' });
  });

  it('wakes workers for what it moved', async () => {
    await setAside('greet', 'a', 'b');
    await (await queue().worker('P')).exchange({ want: 1, park: 1 });
    await queue().run(claim, { name: 'greet' });
    expect((await queue().dump())['i']).toBeUndefined();
  });
});
