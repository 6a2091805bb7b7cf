import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, Queue, StorageRefusedError, type AnyJobs } from '@millrace/core';
import { Redis } from 'ioredis';
import { ConnectionLog } from '../core/connection-log.ts';
import { Harness } from '../core/support/harness.ts';
import { bulkStrings } from '../support/redis-client.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from '../worker/support/gate.ts';
import { Witness } from './support/witness.ts';

/** Why Redis takes no writes for a while. */
interface Refusal {
  readonly title: string;
  readonly reason: string;
  readonly begin: (redis: RedisServer) => Promise<unknown>;
  readonly end: (redis: RedisServer) => Promise<unknown>;
}

/** A directory where the snapshot goes: no snapshot can be put there. */
async function obstacle(redis: RedisServer): Promise<string> {
  return join(bulkStrings(await redis.command('CONFIG', 'GET', 'dir'))[1] ?? '', 'dump.rdb');
}

async function snapshotEnds(redis: RedisServer, status: string): Promise<void> {
  await redis.command('BGSAVE');
  await waitFor(`a snapshot to end: ${status}`, async () =>
    (await redis.command('INFO', 'persistence')).includes(`rdb_last_bgsave_status:${status}`),
  );
}

const REFUSALS: readonly Refusal[] = [
  {
    title: 'cannot save a snapshot, as on a full disk',
    reason: 'MISCONF',
    begin: async (redis) => {
      await mkdir(await obstacle(redis));
      await redis.command('CONFIG', 'SET', 'save', '3600 1');
      await snapshotEnds(redis, 'err');
    },
    end: async (redis) => {
      await rmdir(await obstacle(redis));
      await snapshotEnds(redis, 'ok');
    },
  },
  {
    title: 'has too few replicas (min-replicas-to-write)',
    reason: 'NOREPLICAS',
    begin: (redis) => redis.command('CONFIG', 'SET', 'min-replicas-to-write', '1'),
    end: (redis) => redis.command('CONFIG', 'SET', 'min-replicas-to-write', '0'),
  },
];

describe('a Redis that', () => {
  let redis: RedisServer | undefined;
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let witness: Witness;
  let log: ConnectionLog;

  beforeEach(() => {
    witness = new Witness();
    log = new ConnectionLog();
  });

  afterEach(async () => {
    await harness.close();
    await redis?.stop();
    redis = undefined;
  });

  async function prepare(...args: string[]): Promise<RedisServer> {
    redis = await RedisServer.start({ args });
    harness = new Harness(redis.url);
    queue = await harness.queue('mail', { connection: await harness.connect({ logger: log }) });
    return redis;
  }

  it('evicts keys by its policy is warned of at the start; jobs that were confirmed are lost, and new ones run when it is mended [case:R15]', async () => {
    const server = await prepare('--maxmemory-policy', 'allkeys-lru');
    expect(log.matching(/^warn: maxmemory-policy .* is allkeys-lru: Redis may delete jobs/)).toHaveLength(1);
    const { id } = await queue.add('any', 'evicted');
    await server.command('CONFIG', 'SET', 'maxmemory', '1');
    await waitFor('Redis to evict', async () => (await server.command('DBSIZE')) === ':0\r\n');
    expect(await queue.get(id)).toBeUndefined();
    await server.command('CONFIG', 'SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction');
    await harness.worker({ handler: witness.handler(), connection: await harness.connect() });
    const { id: next } = await queue.add('any', 'next');
    await waitFor('it to complete', async () => (await queue.get(next))?.state === 'completed');
    expect(witness.runs).toEqual([next]);
  });

  it.each(REFUSALS)(
    '$title: jobs are refused, with nothing written, and what runs ends when it is over [case:R6]',
    async (refusal) => {
      const server = await prepare();
      const gate = new Gate();
      await harness.worker({ handler: witness.handler(() => gate.opened), connection: await harness.connect() });
      const { id } = await queue.add('any', 'running');
      await waitFor('it to run', () => witness.runsOf(id) === 1);
      await refusal.begin(server);
      const refused = (): Promise<unknown> => queue.add('any', 'refused').catch((error: unknown) => error);
      const answer = await waitFor('the refusal', refused);
      expect(StorageRefusedError.is(answer) && answer.reason).toBe(refusal.reason);
      gate.open();
      await waitFor('some more', async () => StorageRefusedError.is(await refused()));
      expect(await queue.counts()).toMatchObject({ active: 1, waiting: 0 });
      await refusal.end(server);
      await waitFor('it to complete', async () => (await queue.counts()).completed === 1);
      const { id: next } = await queue.add('any', 'next');
      await waitFor('the next', async () => (await queue.counts()).completed === 2);
      expect([witness.runs, witness.aborted]).toEqual([[id, next], []]);
    },
  );

  it('has a replica is asked by WAIT, on the client that added, whether that has the job; it is there if not [case:R6]', async () => {
    const args = ['--repl-diskless-sync-delay', '0'];
    const server = await prepare(...args);
    const replica = await RedisServer.start({ args });
    const client = new Redis(server.url);
    const connection = await connect(client, { prefix: harness.prefix, logger: log });
    try {
      await replica.command('REPLICAOF', '127.0.0.1', String(server.port));
      const replication = (): Promise<string> => server.command('INFO', 'replication');
      await waitFor('the replica', async () => (await replication()).includes('state=online'));
      const own = new Queue('mail', { connection });
      replica.freeze();
      const { id } = await own.add('any', 'replicated');
      expect(await client.wait(1, 100)).toBe(0);
      expect(await own.get(id)).toMatchObject({ state: 'waiting' });
      replica.thaw();
      expect(await client.wait(1, 10_000)).toBe(1);
      await replica.command('REPLICAOF', 'NO', 'ONE');
      const there = await harness.queue('mail', { connection: await harness.connect({}, replica.url) });
      expect(await there.get(id)).toMatchObject({ id, state: 'waiting' });
      await own.close();
    } finally {
      await connection.close();
      client.disconnect();
      await replica.stop();
    }
  });
});
