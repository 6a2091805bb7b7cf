import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, Queue, Worker, type AnyJobs, type Connection } from '@millrace/core';
import { ConnectionLog } from '../core/connection-log.ts';
import { RedisCluster } from '../support/redis-cluster.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from '../worker/support/gate.ts';
import { DurableProducer } from './support/durable-producer.ts';

const PREFIX = 'test-failover';
const NAMES = ['mail', 'reports', 'images', 'audit', 'a', 'b', 'c', 'd', 'e', 'f'];
/** Shorter than a failover under load, so that only a keeper that follows can hold a job. */
const LEASE_MS = 4_000;

describe('a Cluster whose master is killed under load', () => {
  let cluster: RedisCluster;
  let log: ConnectionLog;
  const ends: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    cluster = await RedisCluster.start({ replicas: 1 });
    log = new ConnectionLog();
  }, 40_000);

  afterAll(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    await cluster.stop();
  });

  async function open(): Promise<Connection> {
    const connection = await connect({ cluster: { nodes: cluster.nodes } }, { prefix: PREFIX, logger: log });
    ends.push(() => connection.close());
    return connection;
  }

  /** A queue that lies on that master. */
  async function queueOn(master: RedisServer, connection: Connection): Promise<Queue<AnyJobs>> {
    for (const name of NAMES) {
      if ((await cluster.masterOf(`${PREFIX}:{${name}}`)) !== master) continue;
      const queue = new Queue(name, { connection });
      ends.push(() => queue.close());
      return queue;
    }
    throw new Error('none of the names lies there');
  }

  it('loses nothing that a replica had, and all goes on by itself [case:R26]', async () => {
    const [victim, other] = cluster.masters as [RedisServer, RedisServer];
    const producing = await open();
    const working = await open();
    const queue = await queueOn(victim, producing);
    const elsewhere = await queueOn(other, producing);

    const gate = new Gate();
    const runs = new Map<string, number>();
    const workers = [queue.name, elsewhere.name].map((name) => {
      return new Worker({
        connection: working,
        queues: name,
        concurrency: 10,
        lease: { durationMs: LEASE_MS, keeper: 'thread' },
        handler: async (job) => {
          runs.set(job.id, (runs.get(job.id) ?? 0) + 1);
          if (job.name === 'long') await gate.opened;
          return job.data;
        },
      });
    });
    for (const worker of workers) {
      ends.push(() => worker.stop());
      await worker.start();
      expect(worker.health().keeper).toBe('thread');
    }
    await queue.config.set({ keep: { completed: 'all' } } as never).catch(() => undefined);

    const events: string[] = [];
    const stopped = new AbortController();
    const reading = (async () => {
      for await (const event of queue.events({ signal: stopped.signal } as never)) {
        if (event.type === 'completed') events.push((event as { job: string }).job);
      }
    })().catch(() => undefined);

    const long = await queue.add('long', 'held');
    await waitFor('the long job to run', () => runs.get(long.id) === 1);

    let killed = false;
    const confirm = async (name: string): Promise<boolean> => {
      if (killed) return false;
      const master = await cluster.masterOf(`${PREFIX}:{${name}}`, other);
      const node = (producing.client as never as { nodes(role: string): { options: { port: number }; wait(n: number, ms: number): Promise<number> }[] }).nodes('master').find((one) => one.options.port === master.port);
      return (await node?.wait(1, 200)) === 1;
    };
    const producer = new DurableProducer(queue, () => confirm(queue.name));
    const bystander = new DurableProducer(elsewhere, () => confirm(elsewhere.name));
    await waitFor('some load', () => producer.durable.length > 50 && bystander.durable.length > 50);
    await waitFor('the long job to be safe', () => confirm(queue.name));

    const killedAt = performance.now();
    killed = true; await victim.kill();
    await waitFor('jobs to be taken by the new master', () => producer.added.filter((job) => job.at > killedAt + 1000).length > 200, { timeoutMs: 30_000 });
    const resumed = producer.added.find((job) => job.at > killedAt + 300)?.at ?? NaN;
    console.log('killed -> resumed', resumed - killedAt, producer.added.length, producer.durable.length, producer.errors, bystander.errors);
    await new Promise((r) => setTimeout(r, 3000));
    await Promise.all([producer.stop(), bystander.stop()]);
    gate.open();
    for (const [one, made] of [[queue, producer], [elsewhere, bystander]] as const) {
      await waitFor('all to be done', async () => { const c = await one.counts(); return c.waiting + c.active + c.retrying + c.delayed === 0; }, { timeoutMs: 30_000 });
      const missing = made.durable.filter((id) => !runs.has(id));
      expect(missing).toEqual([]);
      const lost = made.added.filter(({ id }) => !runs.has(id));
      console.log('added', made.added.length, 'durable', made.durable.length, 'lost of the others', lost.length, 'twice', [...runs.values()].filter((n) => n > 1).length);
    }
    expect(runs.get(long.id)).toBe(1);
    console.log(await queue.get(long.id), events.length, log.lines);
    stopped.abort();
    await reading;
  }, 90_000);
});
