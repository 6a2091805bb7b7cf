import { describe, expect, it } from '@jest/globals';

import { cancel } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START, TABLE } from './support/lua-queue.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';

const queue = luaQueue();
const CANCELLED = /^x1800000000000,0,0\n\{.*"kind":"cancelled".*\}$/;

describe('cancel', () => {
  it('ends a waiting job: its list entry stays behind as a ghost [core:A18]', async () => {
    await queue().add('a', 'b');
    const { reply, changed } = await queue().change(() => queue().cancel('a'));
    expect(reply).toBe('C');
    expect(changed).toEqual({
      q: expect.objectContaining({ ghosts: '1', places: '1' }),
      m: { a: '10,0,0,1,,' },
      o: { a: expect.stringMatching(CANCELLED) },
      'f:cancelled': { a: START },
    });
    expect(await queue().counts()).toMatchObject({ waiting: 1 });
    expect((await (await queue().worker('E')).lease(5)).map(({ id }) => id)).toEqual(['b']);
  });

  it.each([
    ['with a priority', 'p5', 'p5', 'pp'],
    ['with a priority below 0', 'p-5', 'p-5', 'pn'],
    ['delayed', 'd1000', '', 'd'],
  ])('ends a job that is %s, and leaves nothing of it in its collection', async (_, how, fields, key) => {
    await queue().add(['a', how, { fields }], ['b', how, { fields }]);
    const { changed } = await queue().change(() => queue().cancel('a'));
    expect(Object.keys(changed[key] ?? {})).toEqual(['b']);
    expect(changed).toMatchObject({ o: { a: expect.stringMatching(CANCELLED) }, 'f:cancelled': { a: START } });
    expect(changed['q']).toBeUndefined();
  });

  it('ends a retrying job, whose outcome names the attempts that it had', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'r1\t1000\t\t{"message":"no"}');
    const { changed } = await queue().change(() => queue().cancel('a'));
    expect(changed).toMatchObject({ o: { a: expect.stringMatching(/^x1800000000000,1,0\n/) } });
    expect('t' in changed && changed['t'] === undefined && changed['e'] === undefined).toBe(true);
  });

  it('ends a job that waits for a handler, and forgets the name when it was the last of it', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'n1\t0\tgreet\t');
    await queue().cancel('a');
    const dump = await queue().dump();
    expect([dump['u:greet'], dump['un']]).toEqual([undefined, undefined]);
  });

  it('ends a running job now: the hold goes, the worker is told, its outcome is refused [core:B2, case:X4] [seed:Q12]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    const { reply, changed } = await queue().change(() => queue().cancel('a'));
    expect(reply).toBe('A');
    expect(changed).toEqual({
      'h:E': {
        '\t0': '1,',
        '\topen': `1,30000,${START}`,
        ...TABLE,
        '\tslots': '1',
        '\tleased': '1000000000001',
        '\ttaken': '1\n1\ta\t0.1\tcancelled\n',
      },
      o: { a: expect.stringMatching(/^x1800000000000,1,0\n/) },
      'f:cancelled': { a: START },
      m: { a: '10,0,0,0,Y,' },
      'hs:a': [expect.stringContaining(`x${START}\t1\t0\tE\t\n{"name":"CancelError"`)],
    });
    const late = await queue().change(async () => [
      (await worker.exchange({ seq: 2, ends: [[job, '5']] })).refused,
      (await worker.start(job)) as unknown,
      await queue().raw('note', 'E', 'a', job.token, 'p', '', '50'),
    ]);
    expect(late.reply).toEqual(['1', { code: 'OK', refused: '1' }, ['LEASE_LOST']]);
    expect(late.changed).toEqual({ 'h:E': expect.objectContaining({ '\t0': '2,1' }) });
  });

  it('tells the worker on its own channel [core:B2]', async () => {
    await queue().add('a');
    await (await queue().worker('E')).leaseOne();
    const { publish = 0 } = await queue().callsOf(() => queue().cancel('a'));
    expect(publish).toBe(1);
  });

  it('says of each id what became of it [seed:Q12]', async () => {
    await queue().add('a', 'b', 'c', ['d', 'd1000']);
    const worker = await queue().worker('E');
    const [a] = await worker.lease(2);
    await worker.end(a);
    expect(await queue().cancel('a', 'b', 'c', 'd', 'none')).toBe('FACCN');
  });

  it('cancels a job once where its id is named twice, and counts one ghost', async () => {
    await queue().add('a', 'b');
    await (await queue().worker('E')).leaseOne();
    expect(await queue().cancel('b', 'b', 'a', 'a')).toBe('CFAF');
    expect((await queue().dump())['q']).toMatchObject({ ghosts: '1' });
  });

  it('has one effect when it is sent again, and says the same [core:A13]', async () => {
    await queue().add('a', 'b');
    await (await queue().worker('E')).leaseOne();
    const args = { laneId: 'admin', seq: 1, dependents: 'p', others: [], ids: ['a', 'b', 'none'] };
    const first = await queue().run(cancel, args);
    await queue().add('none');
    const { reply, changed } = await queue().change(() => queue().run(cancel, args), { withLanes: true });
    expect([reply, changed]).toEqual([first, {}]);
    await queue().run(cancel, { ...args, seq: 5 });
    expect(await queue().run(cancel, { ...args, seq: 4 })).toEqual({ code: 'OLD' });
  });

  it('forgets jobs at once where the queue or the job does not keep them, with their notes', async () => {
    await queue().configure('keep:cancelled', '0,');
    await queue().add('a', 'b', ['c', 'd1000']);
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    await queue().raw('note', 'E', 'a', job.token, 'l', '1', 'line');
    await worker.end(job, 'r1\t1000\t\tno');
    expect(await queue().cancel('a', 'b', 'c')).toBe('CCC');
    const dump = await queue().dump();
    expect(
      Object.keys(dump).filter(
        (key) => !key.startsWith('st:') && !['q', 'L', 'h:E', 'ws', 'l', 'lz', 'r', 'sd', 'sm', 'mi'].includes(key),
      ),
    ).toEqual([]);
    expect(dump['r']).toEqual(['b']);
  });

  it('ends a job of an epoch that is being emptied', async () => {
    await queue().add('a');
    await (await queue().worker('E')).leaseOne();
    await queue().redis.hdel(queue().key('h:E'), '\topen');
    expect(await queue().cancel('a')).toBe('A');
  });

  it('tells who waits for the outcome [core:A19]', async () => {
    await queue().add('a');
    await queue().raw('wait', 'a', 'channel', 60_000);
    const { publish = 0 } = await queue().callsOf(() => queue().cancel('a'));
    expect(publish).toBe(1);
    expect((await queue().dump())['aw']).toBeUndefined();
  });

  it('refuses to judge a queue that uses a feature it does not know [core:A22]', async () => {
    await queue().add('a');
    await queue().redis.hset(queue().key('q'), 'bits', 'Z');
    const before = await queue().dump();
    await expect(queue().cancel('a')).rejects.toThrow(/^UPGRADE_REQUIRED/);
    expect(await queue().dump()).toEqual(before);
  });
});

describeMalformed(
  queue,
  'cancel',
  [
    ...malformedLanes('p', 0, 'a'),
    ['a strange wish for dependents', ['lane', 1, 'x', 0, 'a'], /PROTOCOL What becomes of dependents/],
    ['an empty id', ['lane', 1, 'p', 0, 'a', ''], /PROTOCOL The id/],
    ['the name of an inner field', ['lane', 1, 'p', 0, 'a', '\topen'], /PROTOCOL The id/],
    [
      'more than 1,000 ids',
      ['lane', 1, 'p', 0, 'a', ...Array.from({ length: 1_000 }, (_, i) => `x${i}`)],
      /PROTOCOL More than 1000 rows/,
    ],
  ],
  async (prepared) => {
    await prepared.add('a');
    await prepared.worker('E');
  },
);
