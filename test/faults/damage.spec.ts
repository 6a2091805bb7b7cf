import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { DamagedQueue } from './support/damaged-queue.ts';

const PATIENCE = { timeoutMs: 10_000 };

describe('a worker whose keys are damaged by another hand', () => {
  let redis: RedisServer;
  let damaged: DamagedQueue;

  beforeAll(async () => {
    redis = await RedisServer.start();
  });

  beforeEach(async () => {
    damaged = await DamagedQueue.open(redis.url);
  });

  afterEach(() => damaged.close());

  afterAll(() => redis.stop());

  async function runs(data: number): Promise<void> {
    const { queue } = damaged;
    const { id } = await queue.add('any', data);
    const isDone = async (): Promise<boolean> => (await queue.get(id))?.state === 'completed';
    await waitFor(`job ${data} to run`, isDone, PATIENCE);
  }

  it('starts anew when all of Redis is emptied, while it is busy [case:R33]', async () => {
    const { direct, log, queue } = damaged;
    await damaged.work(6_000);
    await runs(1);
    let n = 0;
    for (let round = 0; round < 5; round++) {
      await queue.addMany(Array.from({ length: 200 }, () => ({ name: 'any', data: n++ })));
      await direct.client.flushall();
    }
    await runs(2);
    expect(log.matching(/^error: .*was lost/).length).toBeGreaterThanOrEqual(1);
    expect((await queue.counts()).active).toBe(0);
  });

  it('does not spin on a key of the wrong type, says so, and goes on when it is mended [case:R16] [seed:R6]', async () => {
    const { direct, log } = damaged;
    await damaged.work(6_000);
    await runs(1);
    await direct.client.rename(damaged.key('q'), damaged.key('kept'));
    await direct.client.set(damaged.key('q'), 'foreign');
    await waitFor('it to say so', () => log.matching(/^error: Queue "mail" cannot be worked .*WRONGTYPE/).length > 0);
    const calls = async (): Promise<number> =>
      Number(/cmdstat_evalsha:calls=(\d+)/.exec(await direct.client.info('commandstats'))?.[1] ?? 0);
    const before = await calls();
    const from = performance.now();
    await waitFor('a second', () => performance.now() - from > 1_000, { intervalMs: 50 });
    // A try and a few looks a second.
    expect((await calls()) - before).toBeLessThan(25);
    await direct.client.del(damaged.key('q'));
    await direct.client.rename(damaged.key('kept'), damaged.key('q'));
    await runs(2);
  });

  it('says once that its lease cannot be renewed, where nothing but that is refused [case:R16]', async () => {
    const { direct, log } = damaged;
    await damaged.work(1_000);
    await runs(1);
    await direct.client.rename(damaged.key('L'), damaged.key('kept'));
    await direct.client.set(damaged.key('L'), 'foreign');
    const refusals = (): readonly string[] =>
      log.matching(/^warn: The lease on queue "mail" cannot be renewed.*WRONGTYPE/);
    await waitFor('it to say so', () => refusals().length > 0, PATIENCE);
    await direct.client.del(damaged.key('L'));
    await direct.client.rename(damaged.key('kept'), damaged.key('L'));
    await runs(2);
    expect(refusals()).toHaveLength(1);
  });
});
