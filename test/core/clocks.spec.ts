import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyJobs, Connection, Queue } from '@millrace/core';
import { SystemClock } from '../../libs/core/src/clock/index.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { Harness } from './support/harness.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The clock of a machine that is set wrong. */
class WrongClock extends SystemClock {
  constructor(readonly offMs: number) {
    super();
  }
  override now(): number {
    return super.now() + this.offMs;
  }
}

describe('machines whose clocks are an hour off', () => {
  let harness: Harness;

  beforeEach(() => {
    harness = new Harness();
  });

  afterEach(() => harness.close());

  const at = (offMs: number): Promise<Connection> => harness.connect({ clock: new WrongClock(offMs) });

  it.each([HOUR, -HOUR])('add jobs that are due by the clock of Redis: %i ms [case:T1]', async (offMs) => {
    const queue = await harness.queue('mail', { connection: await at(offMs) });
    const right = await harness.queue();
    const before = Date.now();
    const { id } = await queue.add('any', 1, { delayMs: 400 });
    const dueIn = ((await right.get(id))?.runAt?.getTime() ?? 0) - before;
    expect(dueIn).toBeGreaterThanOrEqual(400);
    expect(dueIn).toBeLessThan(10_000);
    const startedAt: number[] = [];
    await harness.worker({ connection: await at(-offMs), handler: () => void startedAt.push(Date.now()) });
    await waitFor('it to run', () => startedAt.length === 1);
    expect(startedAt[0]! - before).toBeGreaterThanOrEqual(399);
  });

  it('hold their leases, and take no job from one another [case:T2] [case:O14]', async () => {
    const queue = await harness.queue();
    const runs: string[] = [];
    const handler = async (job: { id: string; signal: AbortSignal }): Promise<void> => {
      runs.push(job.id);
      // Longer than two leases, and the others look for lost ones all the while.
      for (const from = performance.now(); performance.now() - from < 1_500 && !job.signal.aborted;)
        await new Promise((resolve) => setTimeout(resolve, 50));
    };
    const lease = { durationMs: 600 };
    const workers = await Promise.all(
      [HOUR, -HOUR, 0].map(async (offMs) =>
        harness.worker({ connection: await at(offMs), handler, concurrency: 2, lease }),
      ),
    );
    const epochs = workers.map((worker) => worker.health().queues[0]?.epoch);
    const jobs = await queue.addMany(Array.from({ length: 6 }, () => ({ name: 'any', data: 1 })));
    await Promise.all(jobs.map(({ id }) => queue.result(id)));
    expect(runs.toSorted()).toEqual(jobs.map(({ id }) => id).toSorted());
    expect(workers.map((worker) => worker.health().queues[0]?.epoch)).toEqual(epochs);
    for (const job of await queue.getMany(jobs.map(({ id }) => id))) {
      expect(job).toMatchObject({ state: 'completed', attempt: 1, stalls: 0 });
      expect(job?.durationMs).toBeGreaterThanOrEqual(1_400);
      expect(job?.durationMs).toBeLessThan(60_000);
    }
  });
});

describe('a delay of a month, a year, ten years', () => {
  const DELAYS = [25 * DAY, 366 * DAY, 3_652 * DAY];

  it('is no time at which a timer of Node fires at once, and outlives Redis [case:T8]', async () => {
    const server = await RedisServer.start({ appendOnly: true });
    const harness = new Harness(server.url);
    try {
      const queue: Queue<AnyJobs> = await harness.queue();
      let runs = 0;
      await harness.worker({ handler: () => void (runs += 1) });
      const jobs = await queue.addMany(DELAYS.map((delayMs) => ({ name: 'any', data: delayMs, options: { delayMs } })));
      const due = jobs.map((job) => job.runAt!.getTime() - job.createdAt.getTime());
      expect(due).toEqual(DELAYS);
      await server.restart();
      const stored = await waitFor('Redis', () => queue.getMany(jobs.map(({ id }) => id)));
      expect(stored.map((job) => [job?.state, job?.runAt])).toEqual(jobs.map(({ runAt }) => ['delayed', runAt]));
      // A worker that sleeps until then has set its timer, and one that asks does so now.
      expect(await queue.result((await queue.add('any', 1)).id)).toBeUndefined();
      expect(runs).toBe(1);
    } finally {
      await harness.close();
      await server.stop();
    }
  });
});
