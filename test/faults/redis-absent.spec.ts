import dns from 'node:dns';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, StorageRefusedError, Worker, type ActiveJob, type AnyJobs, type Queue } from '@millrace/core';
import * as scripts from '../../libs/core/dist/redis/scripts.generated.js';
import { ConnectionLog } from '../core/connection-log.ts';
import { Harness } from '../core/support/harness.ts';
import { rawCommand } from '../support/redis-client.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { Gate } from '../worker/support/gate.ts';
import { Witness } from './support/witness.ts';

const LEASE_MS = 900;
const ASKED_FOR_MS = 1_500;

describe('workers of a Redis that', () => {
  let redis: RedisServer;
  let harness: Harness;
  let witness: Witness;
  let gate: Gate;

  beforeEach(async () => {
    redis = await RedisServer.start({ args: ['--loading-process-events-interval-bytes', '1024'] });
    harness = new Harness(redis.url);
    witness = new Witness();
    gate = new Gate();
  });

  afterEach(async () => {
    gate.open();
    await redis.command('CONFIG', 'SET', 'maxmemory', '0', 'key-load-delay', '0');
    await harness.close();
    await redis.stop();
  });

  async function completed(queue: Queue<AnyJobs>, count: number): Promise<void> {
    await waitFor(`${count} jobs to complete`, async () => (await queue.counts()).completed === count);
  }

  it('has no memory left keep their leases, end jobs, take others, promote those that are due and take back what was lost; only adding is refused [case:R14]', async () => {
    const queue = await harness.queue();
    const base = `${harness.prefix}:{mail}`;
    const { scripts: runner } = await harness.connection;
    const add = (count: number, options = {}): Promise<unknown> =>
      queue.addMany(Array.from({ length: count }, () => ({ name: 'any', data: 'x', options })));
    // Three jobs of a worker that is not heard of again.
    await add(3);
    const lost = { now: undefined, epoch: 'lost' };
    await runner.run(scripts.open, base, { ...lost, version: 1, lease: 2 * LEASE_MS, info: '{}' });
    const fetch = { slot: '0', seq: 1, want: 3, chunk: 10, park: 0, received: 0, ends: [] };
    await runner.run(scripts.exchange, base, { ...lost, ...fetch });
    await add(10);
    await add(5, { delayMs: 2 * LEASE_MS });
    const handler = witness.handler(() => gate.opened);
    await harness.worker({ handler, hooks: witness.hooks, concurrency: 4, lease: { durationMs: LEASE_MS } });
    await waitFor('four to run', () => witness.runs.length === 4);
    const epochs = async (): Promise<string[]> => (await queue.workers()).map(({ epoch }) => epoch);
    const before = await epochs();
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    const refused = await add(1).catch((error: unknown) => error);
    expect(StorageRefusedError.is(refused)).toBe(true);
    // Longer than its lease.
    const until = Date.now() + 1.5 * LEASE_MS;
    await waitFor('renewals', async () =>
      (await queue.workers()).some(({ leaseUntil }) => leaseUntil.getTime() > until),
    );
    gate.open();
    await completed(queue, 18);
    expect(witness.aborted).toEqual([]);
    expect(new Set(witness.runs).size).toBe(18);
    expect(before).toEqual(expect.arrayContaining(await epochs()));
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    await add(1);
    await completed(queue, 19);
  });

  it('loads its data wait for it, say so, and ask a few times a second [case:R13]', async () => {
    await redis.command('DEBUG', 'POPULATE', '20000');
    await redis.command('CONFIG', 'SET', 'key-load-delay', '2000');
    const reloading = rawCommand(redis.port, ['DEBUG', 'RELOAD'], 30_000);
    await waitFor('it to load', async () => (await redis.command('INFO')).includes('loading:1'));
    const connection = await harness.connect({ waitUntilReady: false, commandTimeoutMs: 300 });
    const worker = new Worker({ connection, queues: 'mail', handler: witness.handler(), lease: { keeper: 'main' } });
    const starting = worker.start();
    await redis.command('CONFIG', 'RESETSTAT');
    await expect(within('the start', starting, ASKED_FOR_MS)).rejects.toThrow('waited');
    const calls = await redis.command('INFO', 'commandstats');
    expect(Number(/cmdstat_info:calls=(\d+)/.exec(calls)?.[1] ?? 0)).toBeLessThan((5 * ASKED_FOR_MS) / 1_000);
    expect(calls).not.toContain('cmdstat_evalsha');
    expect(await worker.check()).toMatchObject({ isHealthy: false });
    expect(worker.state).toBe('starting');
    await redis.command('CONFIG', 'SET', 'key-load-delay', '0');
    await reloading;
    await starting;
    expect(worker.state).toBe('running');
    const queue = await harness.queue('mail', { connection });
    await queue.add('any', 1);
    await completed(queue, 1);
    await worker.stop();
  });

  it('is not found by its name for a while go on when it is [case:R30]', async () => {
    const lookup = dns.lookup;
    let name = 'localhost';
    // The system is asked, for a name that there is or for one that there is not.
    dns.lookup = ((_: string, ...rest: unknown[]) => Reflect.apply(lookup, dns, [name, ...rest])) as typeof lookup;
    try {
      const log = new ConnectionLog();
      const options = { host: 'redis.example', port: redis.port, family: 4 } as const;
      const connection = await connect(options, { prefix: harness.prefix, logger: log, commandTimeoutMs: 500 });
      const queue = await harness.queue();
      const handler = witness.handler(({ data }: ActiveJob) => data);
      await harness.worker({ connection, handler, lease: { durationMs: LEASE_MS } });
      name = 'redis.invalid';
      await redis.command('CLIENT', 'KILL', 'TYPE', 'normal');
      await waitFor('the failure to be told', () => log.matching(/ENOTFOUND|EAI_AGAIN/).length > 0);
      name = 'localhost';
      await waitFor('Redis to answer', () => queue.add('any', 1));
      await completed(queue, 1);
      expect(log.matching(/ENOTFOUND|EAI_AGAIN/)).toHaveLength(1);
      await harness.close();
      await connection.close();
    } finally {
      dns.lookup = lookup;
    }
  });
});
