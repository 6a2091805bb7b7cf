import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnyJobs, Job, Queue } from '@millrace/core';
import { RedisServer } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';
import { Fleet } from './support/fleet/fleet.ts';
import { PATIENCE, type WorkerProcess } from './support/fleet/worker-process.ts';

const LEASE_MS = 2_500;
/** Longer than a lease, and than three thirds of it: each lease is past when Redis is back. */
const OUTAGE_MS = 3 * LEASE_MS;
const SETTINGS = { lease: { durationMs: LEASE_MS }, concurrency: 4, commandTimeoutMs: 500 };

describe('an outage of Redis that outlasts the leases', () => {
  let redis: RedisServer;
  let fleet: Fleet;
  let queue: Queue<AnyJobs>;
  let workers: WorkerProcess[];

  beforeEach(async () => {
    redis = await RedisServer.start({ appendOnly: true });
    fleet = await Fleet.prepare(redis.url);
    queue = await fleet.queue();
    workers = [await fleet.process(SETTINGS), await fleet.process(SETTINGS)];
    await Promise.all(workers.map((worker) => worker.work('mail')));
  });

  afterEach(async () => {
    redis.thaw();
    await fleet.close();
    await redis.stop();
  });

  async function add(count: number, name: string): Promise<Job[]> {
    return queue.addMany(Array.from({ length: count }, () => ({ name, data: { ms: 0 } })));
  }

  const outages = {
    'a frozen server': async () => {
      redis.freeze();
      await sleep(OUTAGE_MS);
      redis.thaw();
    },
    'a server that is killed and restarted': async () => {
      await redis.kill();
      await sleep(OUTAGE_MS);
      await redis.restart();
    },
  };

  it.each(Object.entries(outages))(
    'costs no running job its lease: nothing runs twice, and work goes on (%s) [core:A5] [case:R1]',
    async (_, happen) => {
      const lasting = await add(8, 'hold');
      await fleet.started(lasting);
      const waiting = await add(20, 'wait');
      const epochs = async (): Promise<unknown[]> =>
        Promise.all(workers.map(async (worker) => (await worker.health()).epoch));
      const before = await epochs();

      await happen();
      const isBack = async (): Promise<boolean> => (await queue.counts()).active === lasting.length;
      await waitFor('Redis to answer', isBack, PATIENCE);
      // As long as whoever was not heard of again would be held; the workers have no room for it.
      const probe = await queue.add('wait', { ms: 0 }, { delayMs: 2 * LEASE_MS });
      await waitFor('more than a lease to pass', async () => (await queue.counts()).delayed === 0, PATIENCE);
      expect(await epochs()).toEqual(before);
      for (const worker of workers) worker.tell({ type: 'release' });

      const jobs = await fleet.ended(queue, [...lasting, ...waiting, probe]);
      for (const job of jobs) expect(job).toMatchObject({ state: 'completed', failures: 0, stalls: 0 });
      const starts = await fleet.history.of('start');
      expect(starts.map(({ id }) => id).toSorted()).toEqual(jobs.map(({ id }) => id).toSorted());
      expect(await fleet.history.of('abort')).toEqual([]);
    },
    120_000,
  );
});
