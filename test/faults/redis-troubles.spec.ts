import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ActiveJob, AnyJobs, Connection, Queue } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { Proxy } from '../support/proxy.ts';
import { rawCommand } from '../support/redis-client.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from '../worker/support/gate.ts';
import { Traffic } from './support/traffic.ts';
import { Witness } from './support/witness.ts';

const LEASE_MS = 1_000;
const WORKERS = 2;
/** Of each worker one for commands and one that listens; of the producer one; and one of the harness. */
const SOCKETS = 2 * WORKERS + 2;

interface Scene {
  readonly redis: RedisServer;
  readonly proxy: Proxy;
}

/** Something that Redis or the network does for a while. */
interface Trouble {
  readonly title: string;
  readonly happen: (scene: Scene) => Promise<unknown>;
  /** What a producer may be told meanwhile: never more than that nobody knows, or that Redis was not there. */
  readonly refusals: readonly string[];
}

/** A try that waits until Redis says yes. */
function until(redis: RedisServer, answer: string, ...command: string[]): Promise<unknown> {
  return waitFor(answer, async () => (await redis.command(...command)).includes(answer));
}

const AWAY = ['OUTCOME_UNKNOWN', 'NO_REDIS'];

const TROUBLES: readonly Trouble[] = [
  {
    title: 'is restarted [case:R1]',
    happen: ({ redis }) => redis.restart(),
    refusals: AWAY,
  },
  {
    title:
      'becomes a replica for longer than a lease, and primary again; nobody waits in a command that it would end [case:R11] [case:R12]',
    happen: async ({ redis }) => {
      expect(await redis.command('CLIENT', 'LIST')).not.toMatch(/ flags=[A-Za-z]*b/);
      expect(await redis.command('INFO', 'clients')).toContain('blocked_clients:0');
      await redis.command('REPLICAOF', '127.0.0.1', '1');
      await sleep(1.5 * LEASE_MS);
      await redis.command('REPLICAOF', 'NO', 'ONE');
    },
    refusals: ['READONLY', ...AWAY],
  },
  {
    title: 'is kept busy by a script of somebody else, for longer than a lease [case:R17]',
    happen: async ({ redis }) => {
      await redis.command('CONFIG', 'SET', 'busy-reply-threshold', '1');
      const busy = redis.command('EVAL', 'while true do end', '0').catch(() => undefined);
      await until(redis, '-BUSY', 'GET', 'any');
      await sleep(1.5 * LEASE_MS);
      await redis.command('SCRIPT', 'KILL');
      await busy;
    },
    refusals: ['BUSY', ...AWAY],
  },
  {
    title: 'loses its scripts again and again [case:R20]',
    happen: async ({ redis }) => {
      for (let n = 0; n < 12; n++) {
        await redis.command('SCRIPT', 'FLUSH');
        await sleep(25);
      }
    },
    refusals: AWAY,
  },
  {
    title: 'ends all connections again and again [case:R22]',
    happen: async ({ redis }) => {
      for (let n = 0; n < 12; n++) {
        await redis.command('CLIENT', 'KILL', 'TYPE', 'normal');
        await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
        await sleep(50);
      }
    },
    refusals: AWAY,
  },
  {
    title: 'makes all clients wait, for three leases [case:R23]',
    happen: async ({ redis }) => {
      await redis.command('CLIENT', 'PAUSE', String(3 * LEASE_MS), 'ALL');
      await sleep(3 * LEASE_MS);
    },
    refusals: AWAY,
  },
  {
    title: 'sleeps for two leases, in the midst of renewals and ends [case:R24]',
    happen: ({ redis }) => rawCommand(redis.port, ['DEBUG', 'SLEEP', String((2 * LEASE_MS) / 1_000)], 10_000),
    refusals: AWAY,
  },
  {
    title: 'is behind a slow and shaky line that splits everything [case:R34]',
    happen: async ({ proxy }) => {
      proxy.delay(20, 60);
      proxy.chunk(64);
      await sleep(600);
      await proxy.pass();
    },
    refusals: AWAY,
  },
];

describe('under load, a Redis that', () => {
  let redis: RedisServer;
  let proxy: Proxy;
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let connections: Connection[];
  let witness: Witness;
  let gate: Gate;
  let traffic: Traffic;

  beforeEach(async () => {
    redis = await RedisServer.start({ appendOnly: true });
    proxy = await Proxy.start(redis.url);
    harness = new Harness(proxy.url);
    queue = await harness.queue('mail', { connection: await harness.connect({ commandTimeoutMs: 1_000 }) });
    witness = new Witness();
    gate = new Gate();
    connections = [];
    for (let n = 0; n < WORKERS; n++) connections.push(await startWorker());
  });

  afterEach(async () => {
    gate.open();
    await traffic.stop();
    await proxy.pass();
    await harness.close();
    await proxy.close();
    await redis.stop();
  });

  async function startWorker(): Promise<Connection> {
    const connection = await harness.connect({ commandTimeoutMs: 1_000 });
    const handler = witness.handler(({ data }: ActiveJob) => (data === 'long' ? gate.opened : sleep(Number(data))));
    await harness.worker({ connection, handler, concurrency: 10, lease: { durationMs: LEASE_MS } });
    return connection;
  }

  /** Whether all connections are there, and no others: on a busy machine one may be made anew at any time. */
  const areAllConnected = async (): Promise<boolean> => (await sockets()) === SOCKETS;
  const listeners = (): number[] =>
    connections.map(({ client }) => client.eventNames().reduce((sum, name) => sum + client.listenerCount(name), 0));
  const sockets = async (): Promise<number> =>
    [...(await redis.command('CLIENT', 'LIST')).matchAll(/ name=millrace:/g)].length;

  it.each(TROUBLES)(
    '$title: nothing is lost, no lease is, none is failed by it, and work goes on [case:I15]',
    async (trouble) => {
      const long = await queue.add('any', 'long');
      traffic = new Traffic(queue);
      traffic.confirmed.push(long.id);
      await traffic.flows(50);
      await waitFor('all connections', areAllConnected);
      const before = listeners();
      await trouble.happen({ redis, proxy });
      await traffic.flows(50);
      gate.open();
      const jobs = await traffic.allComplete();
      expect(jobs.filter(({ failures, stalls }) => failures + stalls > 0)).toEqual([]);
      expect(witness.runs.length).toBe(new Set(witness.runs).size);
      expect(witness.aborted).toEqual([]);
      expect(traffic.refusals.filter((code) => !trouble.refusals.includes(code))).toEqual([]);
      await waitFor('as many connections as before', areAllConnected);
      expect(listeners()).toEqual(before);
      expect(await queue.counts()).toMatchObject({ active: 0, waiting: 0, delayed: 0 });
    },
  );
});
