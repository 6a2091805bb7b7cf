import { describe, expect, it } from '@jest/globals';

import { luaQueue } from './support/harness.js';
import { heardDuring } from './support/listen.js';
import { zip } from './support/lua-worker.js';

const queue = luaQueue();
const active = async () => (await queue().dump())['q'] as Record<string, string>;
/** The workers that nobody has woken: those that are parked. */
const parked = () => queue().redis.smembers(queue().key('i'));
const many = (n: number) => Array.from({ length: n }, (_, i) => `a${i}`);

describe('a limit of concurrency', () => {
  it('holds over all workers: no more is leased, and the queue counts as dry [seed:Q3]', async () => {
    await queue().configure('concurrency', '3');
    await queue().add(...many(10));
    const [one, two] = [await queue().worker('E'), await queue().worker('F')];
    expect((await one.exchange({ want: 2, park: 1 })).leased).toHaveLength(2);
    const { leased, dry } = await two.exchange({ want: 5, park: 1 });
    expect([leased.length, dry]).toEqual([1, 1]);
    expect(await one.exchange({ want: 1, park: 1 })).toMatchObject({ leased: [], dry: 1, due: -1 });
    expect(await active()).toMatchObject({ bits: 'l', concurrency: '3', active: '3' });
  });

  it('is for the call itself that ends a job; others are woken for what it leaves', async () => {
    await queue().configure('concurrency', '2');
    await queue().add(...many(10));
    const [one, two] = [await queue().worker('E'), await queue().worker('F')];
    const jobs = await one.lease(2);
    await two.exchange({ want: 1, park: 1 });
    const { leased } = await one.exchange({ want: 1, ends: [[jobs[0], '5']] });
    expect([leased.length, await parked()]).toEqual([1, ['F']]);
    await one.exchange({ ends: [[jobs[1], '5']] });
    expect(await parked()).toEqual([]);
    expect(await two.lease(5)).toHaveLength(1);
  });

  it.each([
    ['completed', '5'],
    ['completed with a result', 'c5\t\t\t42'],
    ['failed', 'f5\t\t\tno'],
    ['to be retried', 'r5\t1000\t\tno'],
    ['snoozed', 'z5\t1000\t\t'],
    ['given back', 'g0\t0\t\t'],
    ['set aside', 'n0\t0\tgreet\t'],
  ])('is freed by a job that is %s', async (_, code) => {
    await queue().configure('concurrency', '2');
    await queue().add('a', 'b');
    const worker = await queue().worker('E');
    const jobs = await worker.lease(2);
    const ends = zip(jobs, [code, code]);
    await worker.exchange({ ends });
    await worker.exchange({ ends, seq: worker.lastSeq() });
    expect(await active()).toMatchObject({ active: '0' });
  });

  it('is freed by cancelling, by closing an epoch, by reconciling, and once each', async () => {
    await queue().configure('concurrency', '3');
    await queue().add('a', 'b', 'c');
    const [worker, other] = [await queue().worker('E'), await queue().worker('F')];
    await worker.lease(2);
    await other.lease(1);
    await queue().cancel('a');
    expect(await active()).toMatchObject({ active: '2' });
    await queue().raw('reconcile', 'E', 2, '0', '1');
    expect(await active()).toMatchObject({ active: '1' });
    for (let n = 0; n < 2; n++) await other.close();
    expect(await active()).toMatchObject({ active: '0' });
  });

  it('is freed when the jobs of a lost worker are reclaimed, which the limit does not hinder [seed:Q3]', async () => {
    await queue().configure('concurrency', '2');
    await queue().add(...many(4));
    const [dead, worker] = [await queue().worker('E'), await queue().worker('F')];
    await dead.lease(2);
    for (let n = 0; n < 3; n++) {
      queue().pass(9_000);
      await queue().housekeep();
      await worker.renew();
    }
    expect(await worker.exchange({ want: 2, park: 1 })).toMatchObject({ leased: [], dry: 1 });
    queue().pass(3_000);
    await queue().housekeep();
    expect(await parked()).toEqual([]);
    expect((await worker.lease(5)).map(({ id }) => id)).toEqual(['a0', 'a1']);
  });

  it('that is set below what runs lets that run, and nothing start before it is under it again [seed:Q29]', async () => {
    await queue().add(...many(10));
    const worker = await queue().worker('E');
    const jobs = await worker.lease(4);
    await queue().configure('concurrency', '2');
    expect(await active()).toMatchObject({ active: '4' });
    const starts: number[] = [];
    for (const job of jobs) starts.push((await worker.exchange({ want: 5, ends: [[job, '5']] })).leased.length);
    expect(starts).toEqual([0, 0, 1, 1]);
  });

  it('that is raised or taken away is told to all workers, and lets jobs start', async () => {
    await queue().configure('concurrency', '1');
    await queue().add(...many(10));
    const worker = await queue().worker('E');
    await worker.lease(5);
    const heard = await heardDuring(queue(), [queue().key('w:E')], 2, async () => {
      await queue().configure('concurrency', '3');
      expect(await worker.lease(5)).toHaveLength(2);
      await queue().configure('concurrency', '');
      await queue().configure('concurrency', '');
      expect(await worker.lease(5)).toHaveLength(5);
    });
    expect(heard).toEqual([`${queue().key('w:E')}: c`, `${queue().key('w:E')}: c`]);
    expect((await active())['bits']).toBe('');
  });

  it('bounds jobs of priority and those that expired: these take no place', async () => {
    await queue().configure('concurrency', '2');
    await queue().add(['x', '', { fields: 'x10' }], 'a', ['b', 'p5', { fields: 'p5' }], 'c');
    queue().pass(10);
    expect((await (await queue().worker('E')).lease(4)).map(({ id }) => id)).toEqual(['b', 'a']);
  });
});

describe('a limit of the rate', () => {
  it('lets so many start in any span of its time, and says when the next may [core:B8]', async () => {
    await queue().configure('rate', '3,1000');
    await queue().add(...many(20));
    const [one, two] = [await queue().worker('E'), await queue().worker('F')];
    expect(await one.lease(2)).toHaveLength(2);
    queue().pass(400);
    expect(await two.exchange({ want: 5, park: 1 })).toMatchObject({ dry: 1, due: 600, jobs: { length: 2 } });
    queue().pass(599);
    expect(await one.exchange({ want: 5, park: 1 })).toMatchObject({ dry: 1, due: 1, jobs: [] });
    queue().pass(1);
    expect(await one.exchange({ want: 5, park: 1 })).toMatchObject({ dry: 1, due: 400, jobs: { length: 4 } });
    queue().pass(400);
    expect(await two.exchange({ want: 5, park: 1 })).toMatchObject({ dry: 1, due: 600, jobs: { length: 2 } });
  });

  it('starts no more than its count in any window, whatever asks when', async () => {
    await queue().configure('rate', '7,100');
    await queue().add(...many(400));
    const worker = await queue().worker('E');
    const starts: number[] = [];
    for (let n = 0; n < 300; n++) {
      for (const _ of await worker.lease(1 + (n % 4))) starts.push(queue().now);
      queue().pass((n * 7) % 11);
    }
    const inWindow = starts.map((at) => starts.filter((other) => other >= at && other < at + 100).length);
    expect(Math.max(...inWindow)).toBe(7);
    expect(starts.length).toBeGreaterThan(90);
  });

  it('keeps no more than a thousand entries, for a day too', async () => {
    await queue().configure('rate', '1000000,86400000');
    await queue().add(...many(900));
    const worker = await queue().worker('E');
    for (let n = 0; n < 900; n++) {
      await worker.lease(1);
      queue().pass(10);
    }
    expect(await queue().redis.llen(queue().key('rl'))).toBeLessThan(105);
  });

  it('sleeps until the sooner of a delayed job and the next start', async () => {
    await queue().configure('rate', '1,1000');
    await queue().add('a', 'b', ['c', 'd300']);
    const worker = await queue().worker('E');
    expect(await worker.exchange({ want: 5, park: 1 })).toMatchObject({ due: 300 });
    await queue().promote('c');
    expect(await worker.exchange({ want: 5, park: 1 })).toMatchObject({ due: 1_000 });
  });

  it('is no longer than its window when the clock was set back', async () => {
    await queue().configure('rate', '1,1000');
    await queue().add('a', 'b');
    const worker = await queue().worker('E');
    await worker.lease(1);
    queue().pass(-3_600_000);
    expect(await worker.lease(1)).toHaveLength(1);
  });

  it('lowered while jobs wait holds at once; taken away, it leaves nothing', async () => {
    await queue().configure('rate', '5,1000');
    await queue().add(...many(20));
    const worker = await queue().worker('E');
    await worker.lease(4);
    await queue().configure('rate', '2,1000');
    expect(await worker.exchange({ want: 5, park: 1 })).toMatchObject({ jobs: [], due: 1_000 });
    await queue().configure('rate', '');
    expect(await worker.lease(5)).toHaveLength(5);
    expect((await queue().dump())['rl']).toBeUndefined();
  });
});

describe('an exchange of a queue with a limit', () => {
  it('has a few calls more, whatever the number of jobs', async () => {
    await queue().configure('concurrency', '500', 'rate', '100000,1000');
    const worker = await queue().worker('E');
    const calls: Record<string, number>[] = [];
    for (const n of [10, 100]) {
      await queue().add(...Array.from({ length: 2 * n }, (_, i) => `${n}.${i}`));
      const jobs = await worker.lease(n);
      calls.push(
        await queue().callsOf(() =>
          worker.exchange({
            want: n,
            ends: zip(
              jobs,
              jobs.map(() => '5'),
            ),
          }),
        ),
      );
    }
    const [few = {}, lots = {}] = calls;
    const sum = (each: Record<string, number>) => Object.values(each).reduce((total, n) => total + n, 0);
    expect([sum(few) <= 20, sum(lots)]).toEqual([true, sum(few)]);
  });
});
