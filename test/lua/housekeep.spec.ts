import { describe, expect, it } from '@jest/globals';

import { housekeep } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();

/** Lets time pass with a look at the queue every five seconds, as workers take. */
async function passWithLooks(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 5_000) {
    queue().pass(Math.min(left, 5_000));
    await queue().housekeep();
  }
}

describe('housekeep moves due jobs', () => {
  it('to the back of the queue, and not a millisecond early [case:I10]', async () => {
    await queue().add(['a', 'd1000'], ['b', 'd1001'], 'c', ['p', 'd1000,p5', { fields: 'p5' }]);
    queue().pass(999);
    expect(await queue().housekeep()).toEqual({ code: 'OK', more: 0, due: 1, unclaimed: [] });
    queue().pass(1);
    const { reply, changed } = await queue().change(() => queue().housekeep());
    expect(reply).toMatchObject({ more: 0, due: 1 });
    expect(changed).toMatchObject({ d: { b: START + 1_001 }, r: ['c', 'a'], pp: { p: expect.any(Number) } });
    queue().pass(1);
    expect(await queue().housekeep()).toMatchObject({ due: -1 });
    expect(await queue().ids('waiting')).toEqual(['p', 'c', 'a', 'b']);
  });

  it('to the place that is theirs, however often they came and went [core:A18]', async () => {
    await queue().addGiven('x', 'ck,m9');
    await queue().addGiven('x', 'cr,m9,d100');
    queue().pass(100);
    await queue().housekeep();
    const worker = await queue().worker('E');
    expect([...(await worker.lease(2)), ...(await worker.lease(2))]).toHaveLength(1);
  });

  it('a part at a time, retrying ones as well as delayed ones, and says when there are more [core:A16]', async () => {
    await queue().add(...Array.from({ length: 8 }, (_, i) => `r${i}`));
    const worker = await queue().worker('E');
    const jobs = await worker.lease(8);
    await worker.exchange({ ends: jobs.map((job) => [job, 'r1\t0\t\t']) });
    await queue().add(...Array.from({ length: 30 }, (_, i) => [`d${i}`, 'd1'] as const));
    queue().pass(1);
    expect(await queue().housekeep(10)).toMatchObject({ more: 1 });
    expect(await queue().counts()).toMatchObject({ waiting: 10, retrying: 3, delayed: 25 });
    await queue().housekeep(10);
    expect(await queue().housekeep(10)).toMatchObject({ more: 1 });
    expect(await queue().housekeep(10)).toMatchObject({ more: 0 });
    expect(await queue().counts()).toMatchObject({ waiting: 38 });
  });

  it('and wakes workers for them', async () => {
    await (await queue().worker('E')).exchange({ want: 1, park: 1 });
    await queue().add(['a', 'd100']);
    await queue().redis.sadd(queue().key('i'), 'E');
    queue().pass(100);
    await queue().housekeep();
    expect((await queue().dump())['i']).toBeUndefined();
  });

  it('once, when it is sent again, or by many at once [core:A13, case:X22]', async () => {
    await queue().add(['a', 'd100']);
    queue().pass(100);
    await queue().promote('a');
    await queue().housekeep();
    const { changed } = await queue().change(() => queue().housekeep());
    expect(changed).toEqual({});
    expect(await queue().ids('waiting')).toEqual(['a']);
  });
});

describe('housekeep takes jobs back from lost epochs', () => {
  it('as suspects, uncharged, to the front in their order, and leaves nothing of the epoch [core:A8, case:C5]', async () => {
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

  it('and charges a stall only to one that was marked as started [core:A8, case:C1]', async () => {
    await queue().add('a', 'b');
    const worker = await queue().worker('E');
    const [a] = await worker.lease(2);
    await worker.start(a);
    await queue().housekeep();
    await passWithLooks(30_000);
    expect((await queue().dump())['m']).toEqual({ a: '10,1,0,0,S,', b: '10,0,0,0,S,' });
  });

  it.each([
    ['its own limit', { fields: 's2' }, 2],
    ['the limit of 3', {}, 3],
    ['a limit of 0 as of 1', { fields: 's0' }, 1],
  ])('and fails a job whose stalls reach %s, its failures untouched [core:A8, case:C9]', async (_, sketch, limit) => {
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

  it('gives it to those whose lease is not yet over, too: their workers are as late as the others [core:A5]', async () => {
    await fleet(1);
    queue().pass(25_000);
    await queue().housekeep();
    queue().pass(6_000);
    await queue().housekeep();
    expect(await queue().counts()).toMatchObject({ active: 1 });
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
    for (let i = 0; i < 3; i++) {
      queue().pass(20_000);
      await queue().housekeep();
    }
    expect(await queue().counts()).toMatchObject({ active: 0 });
  });

  it('gives another one to a worker that had renewed in between [core:A5]', async () => {
    await fleet(1);
    queue().pass(45_000);
    await queue().housekeep();
    await queue().raw('renew', 'E0', 30_000, 0, 0);
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

describe('housekeep deletes finished jobs', () => {
  async function finish(letter: string, ...ids: readonly string[]): Promise<void> {
    await queue().add(...ids);
    const worker = await queue().worker(`W${ids[0]}`);
    const jobs = await worker.lease(ids.length);
    await worker.exchange({ ends: jobs.map((job) => [job, `${letter}1\t\t\ttext`]) });
    await worker.close();
  }

  it('past the count of their state, the oldest first, with all that belongs to them [core:B10]', async () => {
    await queue().configure('keep:failed', '1,');
    await queue().add('a');
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    await queue().raw('note', 'E', 'a', job.token, 'l', '1', 'line');
    await worker.end(job, 'f1\t\t\ttext');
    await worker.close();
    queue().pass(1);
    await finish('f', 'b');
    await queue().housekeep();
    const dump = await queue().dump();
    expect([dump['j'], dump['m'], dump['o'], dump['s:a'], dump['f:failed']]).toEqual([
      { b: expect.any(String) },
      { b: expect.any(String) },
      { b: expect.any(String) },
      undefined,
      { b: START + 1 },
    ]);
  });

  it('past the age of their state, to the millisecond [core:B10]', async () => {
    await queue().configure('keep:completed', ',5000');
    await finish('c', 'a');
    queue().pass(4_999);
    await queue().housekeep();
    expect(await queue().ids('completed')).toEqual(['a']);
    queue().pass(1);
    await queue().housekeep();
    expect(await queue().ids('completed')).toEqual([]);
  });

  it.each([
    ['c', 'completed', 86_400_000],
    ['x', 'cancelled', 86_400_000],
    ['f', 'failed', 2_592_000_000],
    ['t', 'timed_out', 2_592_000_000],
    ['b', 'broken', 2_592_000_000],
  ])('by the defaults where the queue says nothing: %s %s after %d ms [core:B10]', async (letter, state, age) => {
    await finish(letter, 'a');
    queue().pass(age - 1);
    await queue().housekeep();
    expect(await queue().ids(state)).toEqual(['a']);
    queue().pass(1);
    await queue().housekeep();
    expect(await queue().ids(state)).toEqual([]);
    expect((await queue().dump())['j']).toBeUndefined();
  });

  it('with an age of their own by that alone: no count takes them [core:B10]', async () => {
    await queue().configure('keep:completed', '1,1000');
    await queue().add(['own', '', { fields: 'k5000:' }], 'a', 'b');
    const worker = await queue().worker('E');
    const jobs = await worker.lease(3);
    await worker.exchange({ ends: jobs.map((job) => [job, '1']) });
    queue().pass(4_999);
    await queue().housekeep();
    expect(await queue().ids('completed')).toEqual(['own']);
    queue().pass(1);
    await queue().housekeep();
    expect(await queue().ids('completed')).toEqual([]);
  });

  it('a part at a time, a share of each state, so that none waits behind another; and says when there are more [core:B10]', async () => {
    await queue().configure(
      'keep:completed',
      '5,',
      'keep:failed',
      '0000005,',
      'keep:broken',
      '5,',
      'keep:cancelled',
      '5,',
    );
    for (const letter of ['c', 'f', 'b', 'x'])
      await finish(letter, ...Array.from({ length: 25 }, (_, i) => `${letter}${i}`));
    expect(await queue().housekeep(20)).toMatchObject({ more: 1 });
    expect(await queue().counts()).toMatchObject({ finished: ['17', '21', '0', '21', '21'] });
    while ((await queue().housekeep(20)).more === 1);
    expect(await queue().counts()).toMatchObject({ finished: ['5', '5', '0', '5', '5'] });
  });

  it('by the defaults where the retention was damaged', async () => {
    await queue().redis.hset(queue().key('q'), 'keep:completed', 'all');
    await finish('c', 'a');
    queue().pass(86_400_000);
    await queue().housekeep();
    expect(await queue().ids('completed')).toEqual([]);
  });

  it('and forgets given ids whose time is over', async () => {
    await queue().addGiven('x', 'ck,m1000');
    await queue().addGiven('y', 'ck,m1001');
    queue().pass(1_000);
    await queue().housekeep();
    expect((await queue().dump())['ids']).toEqual({ y: START + 1_001 });
  });

  it('and keeps one that somebody waited for a minute, whatever the count, and then as the others [core:A19]', async () => {
    await queue().configure('keep:completed', '1,');
    await queue().add('a');
    await queue().raw('wait', 'a', 'ch', 60_000);
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne());
    await worker.close();
    await finish('c', 'b', 'c', 'd');
    await queue().housekeep();
    expect((await queue().ids('completed')).length).toBe(2);
    expect(await queue().ids('completed')).toContain('a');
    queue().pass(59_999);
    await queue().housekeep();
    expect(await queue().state('a')).toBe('completed');
    queue().pass(1);
    const { changed } = await queue().change(() => queue().housekeep());
    expect(changed['y:completed']).toBeUndefined();
    await queue().housekeep();
    expect(await queue().ids('completed')).toHaveLength(1);
    expect(await queue().state('a')).toBe('');
  });
});

describe('housekeep frees the list of ghosts', () => {
  it('when they are over a thousand and over half of it, and keeps the order of the others [core:A18]', async () => {
    const ids = Array.from({ length: 2_200 }, (_, i) => `a${i}`);
    for (let i = 0; i < ids.length; i += 550) await queue().add(...ids.slice(i, i + 550));
    const gone = ids.filter((_, i) => i % 3 !== 0);
    for (let i = 0; i < gone.length; i += 500) await queue().cancel(...gone.slice(i, i + 500));
    const left = ids.filter((_, i) => i % 3 === 0);
    expect(await queue().redis.llen(queue().key('r'))).toBe(2_200);
    let passes = 1;
    while ((await queue().housekeep(500)).more === 1) {
      passes += 1;
      expect(await queue().ids('waiting')).toEqual(left);
    }
    expect(passes).toBeGreaterThan(3);
    const dump = await queue().dump();
    expect([dump['q'], dump['rf'], dump['r']]).toEqual([
      expect.objectContaining({ ghosts: '0', bits: '' }),
      undefined,
      left,
    ]);
  });

  it('not when they are few, or less than half', async () => {
    const ids = Array.from({ length: 1_000 }, (_, i) => `a${i}`);
    await queue().add(...ids);
    await queue().cancel(...ids);
    const few = await queue().change(() => queue().housekeep());
    expect(few.changed['r']).toBeUndefined();
    for (let n = 0; n < 4; n++) await queue().add(...Array.from({ length: 500 }, (_, i) => `b${n}-${i}`));
    await queue().cancel(...Array.from({ length: 100 }, (_, i) => `b0-${i}`));
    const half = await queue().change(() => queue().housekeep());
    expect(half.changed['r']).toBeUndefined();
  });

  it('while jobs come, go, return to the front and are leased in between [core:A18]', async () => {
    const ids = Array.from({ length: 2_000 }, (_, i) => `a${i}`);
    for (let i = 0; i < ids.length; i += 500) await queue().add(...ids.slice(i, i + 500));
    for (let i = 0; i < 1_500; i += 500) await queue().cancel(...ids.slice(i, i + 500));
    await queue().housekeep(100);
    const worker = await queue().worker('E');
    const [first] = await worker.lease(1);
    expect(first).toBeUndefined();
    await queue().add('late');
    await queue().housekeep(1_000);
    const [again] = await worker.lease(1);
    expect(again?.id).toBe('a1500');
    await worker.end(again, 'g0\t0\t\t');
    await queue().cancel('a1501');
    expect((await queue().ids('waiting')).slice(0, 2)).toEqual(['a1500', 'a1502']);
    while ((await queue().housekeep()).more === 1);
    const rest = await worker.lease(1_000);
    expect(rest.map(({ id }) => id)).toEqual(['a1500', ...ids.slice(1_502), 'late']);
  });
});

describe('housekeep forgets', () => {
  it('lanes that were idle for a day, and keeps those in use [core:A10]', async () => {
    await queue().raw('add', 'old', 1);
    await queue().raw('add', 'used', 1);
    queue().pass(43_200_000);
    await queue().raw('add', 'used', 2);
    queue().pass(43_200_000);
    await queue().housekeep();
    const dump = await queue().dump();
    expect(Object.keys(dump['l'] ?? {})).toEqual(['used']);
    queue().pass(43_200_000);
    await queue().housekeep();
    expect((await queue().dump())['l']).toBeUndefined();
  });

  it('lanes a part at a time, and says when there are more', async () => {
    for (let i = 0; i < 25; i++) await queue().raw('add', `lane-${i}`, 1);
    queue().pass(86_400_000);
    expect(await queue().housekeep(10)).toMatchObject({ more: 1 });
    while ((await queue().housekeep(10)).more === 1);
    expect((await queue().dump())['l']).toBeUndefined();
  });

  it('waits that nobody asked for again, all of them in time, and the feature with the last one [core:A19]', async () => {
    const ids = Array.from({ length: 700 }, (_, i) => `a${i}`);
    await queue().add(...ids);
    for (const id of ids) await queue().raw('wait', id, 'channel', id === 'a0' ? 100_000 : 1_000);
    queue().pass(1_000);
    for (let i = 0; i < 20; i++) await queue().housekeep();
    expect((await queue().dump())['aw']).toEqual({ a0: `${START + 100_000}\tchannel` });
    queue().pass(99_000);
    for (let i = 0; i < 2; i++) await queue().housekeep();
    expect(await queue().dump()).toMatchObject({ q: { bits: '' } });
  });
});

describe('housekeep', () => {
  it('names what waits for a handler, so that a worker that has one can claim it [core:B3]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'n0\t0\tgreet\t');
    expect(await queue().housekeep()).toMatchObject({ unclaimed: ['greet'] });
  });

  it('asks for an upgrade where the queue uses a feature that it does not know [core:A22]', async () => {
    await queue().redis.hset(queue().key('q'), 'bits', 'Z');
    const { reply, changed } = await queue().change(() => queue().run(housekeep, { budget: 10 }));
    expect([reply, changed]).toEqual([{ code: 'UPGRADE', bits: 'Z' }, {}]);
  });

  it('does the rest where a worker is too old for the sweeping of ghosts [core:A22]', async () => {
    const ids = Array.from({ length: 1_001 }, (_, i) => `a${i}`);
    await queue().add(...ids.slice(0, 1_000));
    await queue().add(...ids.slice(1_000), ['due', 'd1']);
    await queue().cancel(...ids.slice(0, 1_000));
    await queue().cancel('a1000');
    await queue().raw('open', 'old', 0, 30_000, 'x');
    queue().pass(1);
    expect(await queue().housekeep()).toMatchObject({ more: 0 });
    expect(await queue().ids('waiting')).toEqual(['due']);
    expect((await queue().dump())['q']).not.toHaveProperty('bits');
  });
});

describeMalformed(queue, 'housekeep', [
  ['a budget of 0', [0], /PROTOCOL budget is not a whole number from 1 to 1000/],
  ['a budget above 1,000', [8_000], /PROTOCOL budget/],
  ['a budget that is no number', ['x'], /PROTOCOL budget/],
]);
