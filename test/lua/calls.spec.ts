import { describe, expect, it } from '@jest/globals';

import { luaQueue } from './support/harness.js';
import type { Leased, LuaWorker } from './support/lua-worker.js';

const queue = luaQueue();
const sum = (calls: Record<string, number>) => Object.values(calls).reduce((total, n) => total + n, 0);

/** A worker that holds `n` jobs, and `n` more that are ready. */
async function busy(n: number, fields = ''): Promise<{ worker: LuaWorker; jobs: readonly Leased[] }> {
  await queue().add(...Array.from({ length: 2 * n }, (_, i) => [`a${i}`, '', { fields }] as const));
  const worker = await queue().worker('E');
  return { worker, jobs: await worker.lease(n) };
}

const exchangeOf = async (n: number, code: string, fields = ''): Promise<Record<string, number>> => {
  const { worker, jobs } = await busy(n, fields);
  return queue().callsOf(() => worker.exchange({ want: n, ends: jobs.map((job) => [job, code]) }));
};

/** What `exchange` would ask of the clock in production: TIME instead of a look at the queue's kind of time. */
const CLOCK = 1;

describe('the commands that Redis runs in one exchange', () => {
  it.each([1, 10, 100])(
    'are 10 for %d jobs that end and as many that are leased, where nothing is kept [core:A15] [seed:I16]',
    async (n) => {
      await queue().configure('keep:completed', '0,');
      const calls = await exchangeOf(n, '5');
      expect(calls).toEqual({ hget: CLOCK, hmget: 4, hdel: 2, hset: 1, lpop: 1, zadd: 1 });
      expect(sum(calls)).toBe(10);
    },
  );

  it.each([1, 10, 100])('are 11 for %d jobs where results are kept [core:A15]', async (n) => {
    const calls = await exchangeOf(n, 'c5\t\t\t{"ok":true}');
    expect(calls).toEqual({ hget: CLOCK, hmget: 4, hdel: 1, hset: 2, lpop: 1, rpush: 1, zadd: 1 });
    expect(sum(calls)).toBe(11);
  });

  it.each([
    ['fail and are retried', 'r5\t1000\tgreet\tno', '', 24, 1],
    ['fail for good', 'f5\t\tgreet\tno', '', 28, 1],
    ['are given back', 'g0\t0\t\t', '', 12, 0],
    ['have an age of their own', 'c5\t\t\t42', 'k5000:', 11, 0],
  ])('are as many for a hundred jobs that %s, but for the history of each: %#', async (_, code, fields, most, each) => {
    const { rpush = 0, ...rest } = await exchangeOf(100, code, fields);
    expect(rpush).toBeLessThanOrEqual(100 * each + 1);
    expect(sum(rest)).toBeLessThanOrEqual(most);
  });

  it('are three more for an event stream, whatever the number of jobs [core:A15, core:B11]', async () => {
    await queue().configure('listening', '60000');
    const { worker, jobs } = await busy(50);
    const calls = await queue().callsOf(() => worker.exchange({ want: 50, ends: jobs.map((job) => [job, '5']) }));
    expect(calls).toMatchObject({ xadd: 1, xrevrange: 1, publish: 1 });
    expect(sum(calls)).toBe(14);
  });

  it('are two more for priorities, one for awaited results [core:A15]', async () => {
    const { worker, jobs } = await busy(100);
    await queue().redis.hset(queue().key('q'), 'bits', 'pa');
    const calls = await queue().callsOf(() =>
      worker.exchange({ want: 200, chunk: 200, ends: jobs.map((job) => [job, '5']) }),
    );
    expect(calls).toMatchObject({ zpopmin: 2 });
    expect(sum(calls)).toBeLessThanOrEqual(11 + 2 + 1 + 2);
  });

  it('do not read a payload for an outcome, whatever the job asks for [core:A14]', async () => {
    await queue().add(['a', 'p5', { fields: 'p5,k5:5,x90000,s1' }]);
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    await worker.start(job);
    const { hget = 0, hmget = 0 } = await queue().callsOf(() => worker.end(job, 'f5\t\tgreet\tno'));
    // Two more: what the worker says of itself, for the history; the counts of the minute.
    expect([hget, hmget]).toEqual([CLOCK + 2, 3]);
  });
});

describe('the commands that Redis runs in one add', () => {
  it.each([1, 100])('are 6 for %d jobs', async (n) => {
    const ids = Array.from({ length: n }, (_, i) => `a${i}`);
    await queue().raw('add', 'lane', 1, 0);
    const rows = ids.flatMap((id) => [id, '\tgreet\t\t\n{}']);
    const calls = await queue().callsOf(() => queue().raw('add', 'lane', 2, 0, ...rows));
    expect(sum(calls)).toBeLessThanOrEqual(7);
  });
});
