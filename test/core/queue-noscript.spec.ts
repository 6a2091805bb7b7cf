import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, type Job, Queue, silentLogger, type Connection } from '@millrace/core';
import { RedisServer } from '../support/redis-server.ts';

/** The script cache empties at each restart and failover; a server of its own is emptied here as often as it can be. */
describe('adding while the script cache is emptied', () => {
  let redis: RedisServer;
  let connection: Connection;
  let queue: Queue;

  beforeEach(async () => {
    redis = await RedisServer.start();
    connection = await connect(redis.url, { logger: silentLogger });
    queue = new Queue('mail', { connection });
    await queue.counts();
  });

  afterEach(async () => {
    await queue.close();
    await connection.close();
    await redis.stop();
  });

  /** Empties the cache without a pause while `work` is done. */
  async function flushing<T>(work: () => Promise<T>): Promise<T> {
    let isDone = false;
    const flush = async (): Promise<void> => {
      while (!isDone) await redis.command('SCRIPT', 'FLUSH');
    };
    const [result] = await Promise.all([work().finally(() => (isDone = true)), flush()]);
    return result;
  }

  async function addInTurns(total: number): Promise<Job[]> {
    const added: Promise<Job>[] = [];
    for (let n = 0; n < total; n++) {
      added.push(queue.add('welcome', n));
      if (n % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return Promise.all(added);
  }

  async function waitingIds(): Promise<string[]> {
    const ids: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const page: { jobs: Job[]; cursor?: string } = await queue.list('waiting', { cursor, limit: 1_000 });
      ids.push(...page.jobs.map(({ id }) => id));
      cursor = page.cursor;
    }
    return ids;
  }

  it('loses nothing and doubles nothing, with two batches in flight [core:A10] [case:R20]', async () => {
    const jobs = await flushing(() => addInTurns(5_000));
    const waiting = await waitingIds();
    expect(waiting.toSorted()).toEqual(jobs.map(({ id }) => id).toSorted());
  });

  it('keeps the order of what was added one after the other [core:A10]', async () => {
    const ids = await flushing(async () => {
      const added: string[] = [];
      for (let n = 0; n < 150; n++) added.push((await queue.add('welcome', n)).id);
      return added;
    });
    expect(await waitingIds()).toEqual(ids);
  });

  it('keeps the order within a batch, whatever overtakes it [core:A10]', async () => {
    const batches = await flushing(() =>
      Promise.all(
        Array.from({ length: 40 }, (_, batch) =>
          queue.addMany(Array.from({ length: 25 }, (_, n) => ({ name: `batch-${batch}`, data: n }))),
        ),
      ),
    );
    const place = new Map((await waitingIds()).map((id, index) => [id, index]));
    for (const batch of batches) {
      const first = place.get(batch[0]?.id ?? '') ?? -1;
      expect(batch.map(({ id }) => place.get(id))).toEqual(batch.map((_, n) => first + n));
    }
    expect(place.size).toBe(1_000);
  });
});
