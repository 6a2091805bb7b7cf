import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyJobs, Job, Queue } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { LiveQueue } from '../lua/support/live-queue.ts';
import { Proxy } from '../support/proxy.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { Witness } from './support/witness.ts';

const LEASE_MS = 1_200;
const TORN_OFF = 64 * 1_024;

describe('a Redis that comes back as it was a while ago', () => {
  let primary: RedisServer;
  let replica: RedisServer | undefined;
  let proxy: Proxy;
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let witness: Witness;

  /** Everything goes through a proxy, the address of the primary. */
  async function prepare(appendOnly: boolean, ...args: string[]): Promise<void> {
    primary = await RedisServer.start({ appendOnly, args });
    proxy = await Proxy.start(primary.url);
    harness = new Harness(proxy.url);
    await harness.connect({ commandTimeoutMs: 500 });
    queue = await harness.queue('mail', { connection: await harness.connect({ commandTimeoutMs: 500 }) });
    witness = new Witness();
  }

  beforeEach(() => {
    replica = undefined;
  });

  afterEach(async () => {
    await proxy.pass();
    await harness.close();
    await proxy.close();
    await replica?.stop();
    await primary.stop();
  });

  /** One batch after the other, so that the order in which they were confirmed is theirs. */
  async function add(batches: number): Promise<Job[]> {
    const jobs: Job[] = [];
    for (let n = 0; n < batches; n++) {
      const of = (i: number): Parameters<typeof queue.addMany>[0][number] => {
        const key = `${batches}-${n}-${i}`;
        const options = [{}, { group: `g${n % 3}` }, { unique: { key } }, { tags: ['t'] }, { delayMs: 300 }][i % 5]!;
        return { name: 'any', data: 'x'.repeat(200), options };
      };
      jobs.push(...(await queue.addMany(Array.from({ length: 10 }, (_, i) => of(i)))));
    }
    return jobs;
  }

  async function startWorker(): Promise<void> {
    const connection = await harness.connect({ commandTimeoutMs: 500 });
    const handler = witness.handler(() => new Promise((resolve) => setTimeout(resolve, Math.random() * 10)));
    await harness.worker({ connection, handler, concurrency: 8, lease: { durationMs: LEASE_MS } });
  }

  /** The state of the queue, seen past the proxy. */
  async function isSound(server: RedisServer): Promise<void> {
    const { client } = await harness.connect({}, server.url);
    await new LiveQueue(client as never, `${harness.prefix}:{mail}`).isSound();
  }

  /** How many of the jobs that were added one after the other are gone: none but the last. */
  async function missing(jobs: readonly Job[]): Promise<number> {
    const there = new Set((await queue.getMany(jobs.map(({ id }) => id))).map(({ id }) => id));
    const lost = jobs.filter(({ id }) => !there.has(id));
    expect(lost.map(({ id }) => id)).toEqual(jobs.slice(jobs.length - lost.length).map(({ id }) => id));
    return lost.length;
  }

  /** How far a server is in what it replicates. */
  async function offsetOf(server: RedisServer): Promise<number> {
    return Number(/master_repl_offset:(\d+)/.exec(await server.command('INFO', 'replication'))?.[1]);
  }

  async function allEnd(): Promise<void> {
    await waitFor('all to end', async () => {
      const { waiting, active, delayed, retrying, blocked } = await queue.counts();
      return waiting + active + delayed + retrying + blocked === 0;
    });
  }

  it('without the last part of its append-only file: a command is there as a whole or not at all, and all that is there ends [case:R2]', async () => {
    await prepare(true, '--appendfsync', 'everysec', '--aof-load-truncated', 'yes');
    await Promise.all([startWorker(), startWorker()]);
    const jobs = await add(60);
    proxy.refuse();
    proxy.reset();
    await primary.kill();
    expect(await primary.tearOff(TORN_OFF)).toBeGreaterThan(2 * TORN_OFF);
    await primary.restart();
    await isSound(primary);
    await proxy.pass();
    await waitFor('Redis to answer', () => queue.counts());
    const lost = await missing(jobs);
    expect(lost).toBeLessThan(jobs.length);
    await allEnd();
    expect((await queue.counts()).completed).toBe(jobs.length - lost);
    await isSound(primary);
  });

  it('as a replica that was behind is promoted: only what it had not got is gone, and each time of a schedule has one job [case:R5]', async () => {
    // Redis waits five seconds for further replicas.
    const args = ['--repl-diskless-sync-delay', '0'];
    await prepare(false, ...args);
    replica = await RedisServer.start({ args });
    await replica.command('REPLICAOF', '127.0.0.1', String(primary.port));
    await waitFor('the replica', async () =>
      (await replica!.command('INFO', 'replication')).includes('link_status:up'),
    );
    await Promise.all([startWorker(), startWorker()]);
    await queue.schedule('often', { everyMs: 100 }, { name: 'tick' });
    const kept = await add(15);
    const offset = await offsetOf(primary);
    await waitFor('the replica to have them', async () => (await offsetOf(replica!)) >= offset);
    // From here on nothing reaches the replica: it looks for its primary elsewhere.
    await replica.command('REPLICAOF', '127.0.0.1', '1');
    const behind = await add(50);
    await waitFor('schedules to fire', () => witness.runs.length > kept.length + 50);
    proxy.refuse();
    proxy.reset();
    await replica.command('REPLICAOF', 'NO', 'ONE');
    await primary.command('REPLICAOF', '127.0.0.1', String(replica.port));
    proxy.lead(replica.url);
    await proxy.pass();
    await waitFor('the new primary to take jobs', () => queue.add('any', 'after'));
    expect(await missing(kept)).toBe(0);
    expect(await missing(behind)).toBe(behind.length);
    const ticks = async (): Promise<Job[]> =>
      (await queue.list('completed', { limit: 1_000 })).jobs.filter(({ name }) => name === 'tick');
    const before = (await ticks()).length;
    await waitFor('the schedule to go on', async () => (await ticks()).length > before + 3);
    await queue.unschedule('often');
    await allEnd();
    const times = (await ticks()).map(({ scheduledFor }) => scheduledFor?.getTime());
    expect(new Set(times).size).toBe(times.length);
    expect((await queue.workers()).length).toBe(2);
    await isSound(replica);
    await waitFor('the old primary to follow', async () =>
      (await primary.command('INFO', 'replication')).includes('master_link_status:up'),
    );
  });
});
