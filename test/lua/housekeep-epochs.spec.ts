import { describe, expect, it } from '@jest/globals';

import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';

const queue = luaQueue();

/** Lets time pass with a look at the queue every five seconds, as workers take. */
async function passWithLooks(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 5_000) {
    queue().pass(Math.min(left, 5_000));
    await queue().housekeep();
  }
}

describe('housekeep takes jobs back from lost epochs', () => {
  it('as suspects, uncharged, to the front in their order, and leaves nothing of the epoch [core:A8, case:C5] [seed:I4, seed:I5, seed:O4, seed:A14] [seed:H11]', async () => {
    await queue().add('a', 'b', 'c', 'd');
    const worker = await queue().worker('E');
    await worker.lease(1);
    await worker.lease(2);
    await queue().housekeep();
    await passWithLooks(29_999);
    expect((await worker.renew()).code).toBe('OK');
    await passWithLooks(29_999);
    expect(await queue().counts()).toMatchObject({ active: 3 });
    queue().pass(1);
    const { changed } = await queue().change(() => queue().housekeep());
    expect(changed).toEqual({
      'h:E': undefined,
      L: undefined,
      ws: undefined,
      q: expect.objectContaining({ seen: String(queue().now) }),
      r: ['a', 'b', 'c', 'd'],
      m: { a: '10,0,0,0,S,', b: '10,0,0,0,S,', c: '10,0,0,0,S,' },
    });
  });

  it('and charges a stall only to one that was marked as started [core:A8, case:C1] [seed:H10]', async () => {
    await queue().add('a', 'b');
    const worker = await queue().worker('E');
    const [a] = await worker.lease(2);
    await worker.start(a);
    await queue().housekeep();
    await passWithLooks(30_000);
    expect((await queue().dump())['m']).toEqual({ a: '10,1,0,0,SY,', b: '10,0,0,0,S,' });
  });

  it.each([
    ['its own limit', { fields: 's2' }, 2],
    ['the limit of 3', {}, 3],
    ['a limit of 0 as of 1', { fields: 's0' }, 1],
  ])(
    'and fails a job whose stalls reach %s, its failures untouched [core:A8, case:C9] [seed:H11, seed:I5]',
    async (_, sketch, limit) => {
      await queue().add(['killer', '', sketch], 'other');
      for (let stalls = 1; stalls <= limit; stalls++) {
        const worker = await queue().worker(`E${stalls}`);
        const [job] = await worker.lease(2);
        expect(job?.id).toBe('killer');
        await worker.start(job);
        await queue().housekeep();
        await passWithLooks(30_000);
      }
      const dump = await queue().dump();
      expect(dump['o']).toEqual({
        killer: expect.stringMatching(new RegExp(`^f\\d{13},${limit},0\\n.*"kind":"stalled"`)),
      });
      expect(dump['m']).toMatchObject({ other: '10,0,0,0,S,' });
      expect(await queue().ids('waiting')).toEqual(['other']);
    },
  );

  it('and names the jobs that failed by that in this call, and no others', async () => {
    await queue().add(['k1', '', { fields: 's1' }], ['k2', '', { fields: 's1' }], 'other');
    const worker = await queue().worker('E');
    const jobs = await worker.lease(3);
    await worker.start(...jobs);
    await queue().housekeep();
    await passWithLooks(29_999);
    queue().pass(1);
    const reply = await queue().housekeep();
    expect([...reply.stalled].sort()).toEqual(['k1', 'k2']);
    expect(await queue().housekeep()).toMatchObject({ stalled: [] });
  });

  it('and keeps the priority that they had', async () => {
    await queue().add(['a', 'p5', { fields: 'p5' }], 'b');
    await (await queue().worker('E')).lease(2);
    await queue().housekeep();
    await passWithLooks(30_000);
    expect((await (await queue().worker('F')).lease(2)).map(({ id, header }) => [id, header])).toEqual([
      ['a', '10,0,0,0,S,5'],
      ['b', '10,0,0,0,S,'],
    ]);
  });

  it('at most as many as it may touch; the epoch is dead from the first one on [core:A4, case:C21]', async () => {
    for (const part of ['a', 'b', 'c']) await queue().add(...Array.from({ length: 500 }, (_, i) => `${part}${i}`));
    const worker = await queue().worker('E');
    await worker.lease(1_000);
    await worker.lease(500);
    const other = await queue().worker('F', 60_000);
    await queue().housekeep();
    await passWithLooks(25_000);
    await other.renew({ lease: 60_000 });
    queue().pass(5_000);
    expect(await queue().housekeep(100)).toMatchObject({ more: 1 });
    expect(await queue().counts()).toMatchObject({ waiting: 100, active: 1_400 });
    const dead = await queue().change(async () => [(await worker.renew()).code, (await worker.call({ want: 1 })).code]);
    expect(dead).toEqual({ reply: ['EPOCH_GONE', 'EPOCH_GONE'], changed: {} });
    expect(await other.lease(100)).toHaveLength(100);
    while ((await queue().housekeep()).more === 1);
    expect(await queue().counts()).toMatchObject({ waiting: 1_400, active: 100 });
    expect((await queue().dump())['L']).toEqual({ F: expect.any(Number) });
  });

  it('and goes past what is no job: without a record, with a held value that cannot be read, of an epoch that holds nothing [case:C22]', async () => {
    queue().isDamaged = true;
    await queue().add(...Array.from({ length: 20 }, (_, i) => `odd${i}`));
    const odd = await queue().worker('A');
    await odd.lease(20);
    await queue().add('a', 'b');
    await (await queue().worker('B')).lease(2);
    await queue().housekeep();
    const { redis } = queue();
    await redis.hdel(queue().key('j'), ...Array.from({ length: 10 }, (_, i) => `odd${i}`));
    await redis.hset(queue().key('h:A'), 'odd10', '', 'odd11', 'foreign', 'nobody', '1.2', 'odd12', '\t');
    await redis.zadd(queue().key('L'), START, 'nothing');
    await passWithLooks(30_000);
    for (let calls = 0; (await queue().housekeep(5)).more === 1; calls++) expect(calls).toBeLessThan(20);
    const dump = await queue().dump();
    expect([dump['L'], dump['h:A'], dump['h:B']]).toEqual([undefined, undefined, undefined]);
    const jobs = await (await queue().worker('C')).lease(50);
    const ids = Array.from({ length: 10 }, (_, i) => `odd${10 + i}`);
    expect(jobs.map(({ id }) => id).toSorted()).toEqual([...ids, 'a', 'b'].toSorted());
  });

  it('from each of many, bounded by what it may touch', async () => {
    await queue().add(...Array.from({ length: 40 }, (_, i) => `a${i}`));
    for (let i = 0; i < 20; i++) await (await queue().worker(`E${i}`)).lease(2);
    await queue().housekeep();
    await passWithLooks(29_000);
    queue().pass(1_000);
    expect(await queue().housekeep(10)).toMatchObject({ more: 1 });
    expect(await queue().counts()).toMatchObject({ waiting: 10 });
    while ((await queue().housekeep(10)).more === 1);
    expect(await queue().counts()).toMatchObject({ waiting: 40, active: 0 });
  });

  it('a hundred epochs a call, and says when there are more', async () => {
    for (let i = 0; i < 150; i++) await queue().worker(`E${i}`);
    await queue().housekeep();
    await passWithLooks(29_999);
    queue().pass(1);
    expect(await queue().housekeep()).toMatchObject({ more: 1 });
    expect(await queue().redis.zcard(queue().key('L'))).toBe(50);
    expect(await queue().housekeep()).toMatchObject({ more: 0 });
    expect(await queue().redis.zcard(queue().key('L'))).toBe(0);
  });

  it('and from one that was closed half and left', async () => {
    await queue().add('a');
    await (await queue().worker('E')).lease(1);
    await queue().redis.hdel(queue().key('h:E'), '\topen');
    await queue().housekeep();
    await passWithLooks(30_000);
    expect(await queue().ids('waiting')).toEqual(['a']);
  });
});

describe('housekeep after nobody looked for a third of a lease', () => {
  async function fleet(size: number): Promise<void> {
    await queue().add(...Array.from({ length: size }, (_, i) => `a${i}`));
    for (let i = 0; i < size; i++) await (await queue().worker(`E${i}`)).lease(1);
    await queue().housekeep();
  }

  it('gives every epoch that was alive then one more lease, however many they are [core:A5]', async () => {
    await fleet(150);
    queue().pass(45_000);
    await queue().housekeep(10);
    await queue().housekeep(10);
    expect(await queue().counts()).toMatchObject({ active: 150 });
    expect(new Set(Object.values((await queue().dump())['L'] ?? {}))).toEqual(new Set([START + 75_000]));
  });

  it('gives a third of one to those whose lease is nearly over: their workers are as late as the others [core:A5]', async () => {
    await fleet(1);
    queue().pass(25_000);
    await queue().housekeep();
    expect((await queue().dump())['L']).toEqual({ E0: START + 35_000 });
    queue().pass(9_999);
    await queue().housekeep();
    expect(await queue().counts()).toMatchObject({ active: 1 });
  });

  it('does not put off the end of the only worker, whose successor came before its lease was over [core:A5, case:C1]', async () => {
    await fleet(1);
    queue().pass(12_000);
    await queue().housekeep();
    await passWithLooks(17_999);
    expect(await queue().counts()).toMatchObject({ active: 1 });
    queue().pass(1);
    await queue().housekeep();
    expect(await queue().counts()).toMatchObject({ active: 0, waiting: 1 });
  });

  it('takes back the jobs of those that were lost before [core:A5]', async () => {
    await fleet(2);
    await passWithLooks(25_000);
    const alive = await queue().worker('alive');
    queue().pass(4_999);
    await queue().housekeep();
    queue().pass(45_000);
    await queue().redis.hset(queue().key('q'), 'seen', String(START + 30_001));
    await queue().housekeep();
    expect(await queue().counts()).toMatchObject({ active: 0 });
    expect((await alive.renew()).code).toBe('OK');
  });

  it('and takes the jobs back when a worker does not come back within that lease [core:A5]', async () => {
    await fleet(1);
    queue().pass(45_000);
    await queue().housekeep();
    await passWithLooks(29_999);
    expect(await queue().counts()).toMatchObject({ active: 1 });
    queue().pass(1);
    await queue().housekeep();
    expect(await queue().counts()).toMatchObject({ active: 0, waiting: 1 });
  });

  it('gives no second lease to a worker that did not renew, even if nobody ever looks in time [core:A5]', async () => {
    await fleet(1);
    for (let i = 0; i < 4; i++) {
      queue().pass(20_000);
      await queue().housekeep();
    }
    expect(await queue().counts()).toMatchObject({ active: 0 });
  });

  it.each([
    ['renewed', () => queue().raw('renew', 'E0', 30_000, 0, 0)],
    ['exchanged', () => queue().raw('exchange', 'E0', '0', 2, 0, 100, 0, 0)],
  ])('gives another one to a worker that has %s in between [core:A5]', async (_, show) => {
    await fleet(1);
    queue().pass(45_000);
    await queue().housekeep();
    await show();
    queue().pass(45_000);
    await queue().housekeep();
    expect(await queue().counts()).toMatchObject({ active: 1 });
  });

  it('works with the lease of each epoch [core:A5]', async () => {
    await queue().add('a', 'b');
    await (await queue().worker('short', 3_000)).lease(1);
    await (await queue().worker('long', 60_000)).lease(1);
    await queue().housekeep();
    queue().pass(15_000);
    await queue().housekeep();
    expect((await queue().dump())['L']).toEqual({ short: START + 18_000, long: START + 60_000 });
  });

  it('takes an hour of a clock that was set forward as nothing [core:A5, case:T3]', async () => {
    await fleet(3);
    queue().pass(3_600_000);
    await queue().housekeep();
    expect(await queue().counts()).toMatchObject({ active: 3 });
  });
});

describe('housekeep after the clock was set back', () => {
  it('reclaims nothing, and lets each lease end at its length from now [core:A5, case:T4]', async () => {
    await queue().add('a');
    await (await queue().worker('E')).lease(1);
    await queue().housekeep();
    queue().pass(-3_600_000);
    await queue().housekeep();
    expect((await queue().dump())['L']).toEqual({ E: queue().now + 30_000 });
    await passWithLooks(30_000);
    expect(await queue().counts()).toMatchObject({ active: 0, waiting: 1 });
  });
});
