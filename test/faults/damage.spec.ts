import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyJobs, Connection, Queue } from '@millrace/core';
import { ConnectionLog } from '../core/connection-log.ts';
import { Harness } from '../core/support/harness.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';

const PATIENCE = { timeoutMs: 10_000 };

describe('a worker whose keys are damaged by another hand', () => {
  let redis: RedisServer;
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let direct: Connection;
  let log: ConnectionLog;

  beforeEach(async () => {
    redis = await RedisServer.start();
    harness = new Harness(redis.url);
    direct = await harness.connect();
    queue = await harness.queue('mail', { connection: direct });
    log = new ConnectionLog();
  });

  afterEach(async () => {
    try {
      await harness.close();
    } finally {
      await redis.stop();
    }
  });

  function key(suffix: string): string {
    return `${harness.prefix}:{mail}:${suffix}`;
  }

  async function start(durationMs = 6_000): Promise<void> {
    const connection = await harness.connect({ logger: log });
    await harness.worker({ connection, handler: ({ data }) => data, lease: { durationMs } });
  }

  async function runs(data: number): Promise<void> {
    const { id } = await queue.add('any', data);
    const isDone = async (): Promise<boolean> => (await queue.get(id))?.state === 'completed';
    await waitFor(`job ${data} to run`, isDone, PATIENCE);
  }

  it('starts anew when all of Redis is emptied, while it is busy [case:R33]', async () => {
    await start();
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
    await start();
    await runs(1);
    await direct.client.rename(key('q'), key('kept'));
    await direct.client.set(key('q'), 'foreign');
    await waitFor('it to say so', () => log.matching(/^error: Queue "mail" cannot be worked .*WRONGTYPE/).length > 0);
    const calls = async (): Promise<number> =>
      Number(/cmdstat_evalsha:calls=(\d+)/.exec(await direct.client.info('commandstats'))?.[1] ?? 0);
    const before = await calls();
    const from = performance.now();
    await waitFor('some seconds', () => performance.now() - from > 2_500, { intervalMs: 50 });
    // A try and a few looks a second.
    expect((await calls()) - before).toBeLessThan(50);
    await direct.client.del(key('q'));
    await direct.client.rename(key('kept'), key('q'));
    await runs(2);
  });

  it('says once that its lease cannot be renewed, where nothing but that is refused [case:R16]', async () => {
    await start(1_000);
    await runs(1);
    await direct.client.rename(key('L'), key('kept'));
    await direct.client.set(key('L'), 'foreign');
    const refusals = (): readonly string[] =>
      log.matching(/^warn: The lease on queue "mail" cannot be renewed.*WRONGTYPE/);
    await waitFor('it to say so', () => refusals().length > 0, PATIENCE);
    await direct.client.del(key('L'));
    await direct.client.rename(key('kept'), key('L'));
    await runs(2);
    expect(refusals()).toHaveLength(1);
  });
});
