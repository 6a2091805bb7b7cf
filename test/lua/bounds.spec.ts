import { describe, expect, it } from '@jest/globals';

import {
  dueSchedules,
  list,
  mend,
  verify,
  verifyList,
  verifyLost,
} from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { record } from './support/lua-schedule.js';
import { envelope, outcome } from './support/records.js';

const queue = luaQueue();
const MANY = 30_000;

const ids = Array.from({ length: MANY }, (_, i) => `a${i}`);
const isOdd = (i: number): boolean => i % 2 === 1;

/** Writes many entries of one key at once, as the commands would have left them; `undefined` leaves an id out. */
async function seed(
  command: 'hset' | 'zadd' | 'rpush',
  suffix: string,
  value: (i: number) => string | number | undefined,
): Promise<void> {
  for (let from = 0; from < MANY; from += 10_000) {
    const flat = ids.slice(from, from + 10_000).flatMap((id, n) => {
      const written = value(from + n);
      if (written === undefined) return [];
      if (command === 'rpush') return [id];
      return command === 'hset' ? [id, String(written)] : [String(written), id];
    });
    if (flat.length > 0) await queue().redis.call(command, queue().key(suffix), ...flat);
  }
}

async function seedJobs(): Promise<void> {
  // The invariants of so many jobs would take longer than all other tests together.
  queue().isDamaged = true;
  await seed('hset', 'j', () => envelope(START));
}

/** How many commands Redis runs for `action`. */
async function cost(action: () => Promise<unknown>): Promise<{ calls: number }> {
  const calls = await queue().callsOf(action);
  return { calls: Object.values(calls).reduce((sum, n) => sum + n, 0) };
}

/** A call that touched all of 30,000 jobs would take as many commands as there are jobs. */
const BOUND = { calls: 100 };

describe('with 30,000 jobs, one call touches no more than it may', () => {
  it('that are due [case:I14] [case:L2]', async () => {
    await seedJobs();
    await seed('zadd', 'd', () => START);
    const { calls } = await cost(() => queue().housekeep(1_000));
    expect(calls).toBeLessThan(BOUND.calls);
    expect(await queue().counts()).toMatchObject({ waiting: 1_000, delayed: MANY - 1_000 });
  }, 30_000);

  it('that are past their retention, by count [case:I14, core:B10] [case:L11]', async () => {
    await seedJobs();
    await seed('rpush', 'fc', () => 1);
    await seed('hset', 'o', () => outcome('c', START, 1, 5));
    queue().now = START + MANY;
    const { calls } = await cost(() => queue().housekeep(1_000));
    expect(calls).toBeLessThan(BOUND.calls);
    expect(await queue().counts()).toMatchObject({ finished: [String(MANY - 1_000), '0', '0', '0', '0'] });
  }, 30_000);

  it('that are past their retention, by age and by an age of their own [case:I14, core:B10]', async () => {
    await queue().configure('keep:failed', ',1000');
    await seedJobs();
    await seed('zadd', 'f:failed', (i) => (isOdd(i) ? START : undefined));
    await seed('zadd', 'y:failed', (i) => (isOdd(i) ? undefined : START));
    await seed('hset', 'o', () => outcome('f', START, 1, 5));
    queue().pass(1_000);
    const { calls } = await cost(() => queue().housekeep(1_000));
    expect(calls).toBeLessThan(BOUND.calls);
    const { finished } = await queue().counts();
    expect(Number(finished[1])).toBeGreaterThanOrEqual(MANY - 1_000);
    expect(Number(finished[1])).toBeLessThan(MANY);
  }, 30_000);

  it('that are held by a lost epoch; what comes meanwhile is leased between two of them [case:I14, case:C21, case:L9]', async () => {
    await queue().worker('E');
    await queue().housekeep();
    await queue().redis.hset(queue().key('h:E'), '\t0', '1,', '\tslots', '1');
    await seedJobs();
    await seed('hset', 'h:E', () => '0.1.1000000000000');
    await queue().redis.hset(queue().key('q'), 'seen', START + 30_000);
    queue().pass(30_001);
    const { calls } = await cost(() => queue().housekeep(1_000));
    expect(calls).toBeLessThan(BOUND.calls);
    expect(await queue().counts()).toMatchObject({ waiting: 1_000, active: MANY - 1_000 });
    const worker = await queue().worker('F');
    let steps = 1;
    for (let more = 1; more === 1; steps++) {
      await queue().add([`fresh${steps}`, 'p5', { fields: 'p5' }]);
      expect((await worker.leaseOne()).id).toBe(`fresh${steps}`);
      ({ more } = await queue().housekeep(1_000));
    }
    expect(steps).toBeLessThanOrEqual(MANY / 1_000 + 2);
    expect(await queue().counts()).toMatchObject({ waiting: MANY, active: steps - 1 });
  }, 30_000);

  it('that are held by an epoch that is closed [case:I14]', async () => {
    const worker = await queue().worker('E');
    await queue().redis.hset(queue().key('h:E'), '\t0', '1,', '\tslots', '1');
    await seedJobs();
    await seed('hset', 'h:E', () => '0.1.1000000000000');
    const { calls } = await cost(() => worker.close());
    expect(calls).toBeLessThan(BOUND.calls);
    expect(await queue().counts()).toMatchObject({ waiting: 1_000, active: MANY - 1_000 });
  }, 30_000);

  it('that left ghosts in the list [case:I14, core:A18]', async () => {
    await seedJobs();
    await seed('rpush', 'r', () => '');
    await seed('hset', 'm', (i) => (i < MANY - 10 ? '10,0,0,1,,' : undefined));
    await seed('zadd', 'd', (i) => (i < MANY - 10 ? START + 1e9 : undefined));
    await queue().redis.hset(queue().key('q'), 'ghosts', MANY - 10);
    const worker = await queue().worker('E');
    const fetched = await cost(() => worker.exchange({ want: 100, park: 1 }));
    expect(fetched.calls).toBeLessThan(BOUND.calls);
    expect(await queue().redis.llen(queue().key('r'))).toBeGreaterThanOrEqual(MANY - 1_100);
    const listed = await cost(() => queue().run(list, { state: 'waiting', cursor: '', limit: 100, reverse: 0 }));
    expect(listed.calls).toBeLessThan(2 * 2_100);
    const swept = await cost(() => queue().housekeep(1_000));
    expect(swept.calls).toBeLessThan(BOUND.calls);
  }, 30_000);

  it('that are due schedules: they are counted, and a hundred are read [case:I14, core:B15]', async () => {
    queue().isDamaged = true;
    await seed('hset', 'sc', () => record());
    await seed('zadd', 'sn', () => START);
    await queue().redis.hset(queue().key('q'), 'bits', 's');
    const counted = await cost(() => queue().housekeep());
    expect(counted.calls).toBeLessThan(BOUND.calls);
    expect(await queue().housekeep()).toMatchObject({ schedules: MANY });
    const read = await cost(() => queue().run(dueSchedules, { skip: MANY / 2, limit: 100 }));
    expect(read.calls).toBeLessThan(2 * 100 + BOUND.calls);
  }, 30_000);

  it('that expired in the list: a worker looks at 1,000 and asks again', async () => {
    for (let i = 0; i < 3; i++) {
      await queue().add(...Array.from({ length: 1_000 }, (_, n) => [`x${i}-${n}`, '', { fields: 'x5' }] as const));
    }
    await queue().add('live');
    queue().pass(5);
    const worker = await queue().worker('E');
    const reply = await worker.exchange({ want: 100 });
    expect(reply).toMatchObject({ jobs: [], dry: 0 });
    expect(await queue().counts()).toMatchObject({ waiting: 1_901 });
    await worker.exchange({ want: 100 });
    await worker.exchange({ want: 100 });
    expect((await queue().ids('active'))[0]).toBe('live');
  });

  it('that wait in the list: counting them, listing a page and leasing one cost the same as with few', async () => {
    await seedJobs();
    await seed('rpush', 'r', () => '');
    expect((await cost(() => queue().counts())).calls).toBeLessThan(30);
    expect(
      (await cost(() => queue().run(list, { state: 'waiting', cursor: '', limit: 10, reverse: 0 }))).calls,
    ).toBeLessThan(30);
    const worker = await queue().worker('E');
    expect((await cost(() => worker.exchange({ want: 1 }))).calls).toBeLessThan(12);
    expect((await cost(() => queue().cancel('a15000'))).calls).toBeLessThan(40);
  }, 30_000);

  it('that are verified and mended: a page of each kind of key, and what is mended in one call [case:I14] [case:O12]', async () => {
    await seedJobs();
    await seed('hset', 'm', () => '10,0,0,0,,');
    await seed('hset', 'o', (i) => (isOdd(i) ? outcome('f', START, 1, 5) : undefined));
    await seed('zadd', 'f:failed', (i) => (isOdd(i) ? START : undefined));
    await seed('zadd', 'd', (i) => (isOdd(i) ? undefined : START));
    for (const key of ['m', 'o', 'f:failed', 'd']) {
      const { calls } = await cost(() => queue().run(verify, { count: 200, rows: [key, ''] }));
      expect({ key, isBounded: calls < 200 * 12 }).toEqual({ key, isBounded: true });
    }
    await queue().redis.del(queue().key('d'));
    const { found } = await queue().run(verify, { count: 200, rows: ['j', ''] });
    const suspects: string[] = [];
    for (let i = 0; i < found.length; i += 6) {
      if (found[i] === 'candidate') suspects.push(found[i + 1]!, found[i + 2]!, found[i + 5]!);
    }
    const lost = await cost(() => queue().run(verifyLost, { rows: suspects.slice(0, 45) }));
    expect(lost.calls).toBeLessThan(15 * 50);
    const rows = Array.from({ length: 15 }, (_, n) => ['homeless', ...suspects.slice(3 * n, 3 * n + 3)]).flat();
    const mended = await cost(() => queue().run(mend, { ...queue().lane(), rows }));
    expect(mended.calls).toBeLessThan(15 * 80);
    expect(await queue().counts()).toMatchObject({ waiting: 15 });
  }, 30_000);

  it('that are verified: a page of a key, a page of a list, and the counters [case:I14] [case:O12]', async () => {
    await seedJobs();
    await seed('rpush', 'r', () => 1);
    await queue().redis.hset(queue().key('q'), 'ghosts', 1);
    const page = await cost(() => queue().run(verify, { count: 200, rows: ['j', ''] }));
    // A few for each member.
    expect(page.calls).toBeLessThan(200 * 12);
    const entries = await cost(() => queue().run(verifyList, { list: 'r', offset: 15_000, count: 500 }));
    expect(entries.calls).toBeLessThan(500 * 6);
    const counters = await cost(() => queue().run(verify, { count: 200, rows: ['q', ''] }));
    expect(counters.calls).toBeLessThan(BOUND.calls);
  }, 30_000);
});

describe('with jobs of many bytes', () => {
  it('promoting, giving back and finishing do not read them [core:A16]', async () => {
    const big = { payload: JSON.stringify('x'.repeat(1_000_000)), fields: 'p5' };
    for (let i = 0; i < 30; i++) await queue().add([`a${i}`, 'd10,p5', big]);
    queue().pass(10);
    const { hmget = 0, hget = 0, ...rest } = await queue().callsOf(() => queue().housekeep());
    expect(hmget + hget).toBeLessThan(20);
    expect(rest).toBeDefined();
    const before = await memoryOfLua();
    const worker = await queue().worker('E');
    const jobs = [];
    while (jobs.length < 30) jobs.push(...(await worker.lease(30)));
    await worker.exchange({ ends: jobs.slice(0, 10).map((job) => [job, 'g0\t0\t\t']) });
    await worker.exchange({ ends: jobs.slice(10, 20).map((job) => [job, 'r0\t5\t\tno']) });
    await worker.exchange({ ends: jobs.slice(20).map((job) => [job, 'n0\t0\tgreet\t']) });
    await queue().raw('claim', 'greet');
    expect(await queue().counts()).toMatchObject({ waiting: 20, retrying: 10 });
    expect((await memoryOfLua()) - before).toBeLessThan(60e6);
  });

  async function memoryOfLua(): Promise<number> {
    return Number(/used_memory_vm_eval:(\d+)/.exec(await queue().redis.info('memory'))?.[1] ?? 0);
  }
});
