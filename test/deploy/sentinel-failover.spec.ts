import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, NoRedisError, OutcomeUnknownError, type ConnectSettings } from '@millrace/core';
import type { Redis } from 'ioredis';
import { ConnectionLog } from '../core/connection-log.ts';
import { RedisServer } from '../support/redis-server.ts';
import { Sentinels } from '../support/sentinels.ts';
import { waitFor } from '../support/wait-for.ts';
import { Load } from './support/load.ts';

describe('the primary behind three Sentinels, under load', () => {
  let servers: RedisServer[];
  let sentinels: Sentinels;
  let load: Load | undefined;

  beforeAll(async () => {
    const primary = await RedisServer.start({ args: ['--repl-diskless-sync-delay', '0'] });
    const args = ['--replicaof', '127.0.0.1', String(primary.port), '--repl-diskless-sync-delay', '0'];
    servers = [primary, ...(await Promise.all([RedisServer.start({ args }), RedisServer.start({ args })]))];
    await waitFor('the replicas', async () => {
      return (await primary.command('INFO', 'replication')).match(/state=online/g)?.length === 2;
    });
    sentinels = await Sentinels.start(primary, servers.slice(1), { count: 3 });
  }, 60_000);

  afterEach(() => load?.stop());

  afterAll(async () => {
    await sentinels.stop();
    await Promise.all(servers.map((server) => server.stop()));
  });

  /** @param replicas how many must have a job for it to count as replicated */
  async function startLoad(queue: string, replicas: number, settings: ConnectSettings): Promise<Load> {
    load = await Load.start(queue, {
      open: () => connect({ sentinels: [...sentinels.nodes], name: 'main' }, { prefix: 'test-sentinel', ...settings }),
      isReplicated: async ({ client }) => (await (client as Redis).wait(replicas, 500)) === replicas,
    });
    return load;
  }

  async function primaryNow(): Promise<RedisServer> {
    const port = await sentinels.primaryPort();
    const primary = servers.find((server) => server.port === port);
    if (primary === undefined) throw new Error(`no server of the test has port ${port}`);
    return primary;
  }

  it('is replaced when it is killed: nothing that the replicas had is lost, and all goes on by itself [seed:A31]', async () => {
    const logger = new ConnectionLog();
    const running = await startLoad('mail', 2, { logger });
    const primary = await primaryNow();
    running.expectLoss();
    await primary.kill();
    await running.goesOn();
    expect(await primaryNow()).not.toBe(primary);
    await running.finish();
    const { lost, errors, longRuns } = running;
    expect({ lost, errors, longRuns }).toEqual({ lost: [], errors: [], longRuns: 1 });
    // One of the producer, one of the worker.
    expect(logger.matching(/^warn: Lost the connection to Redis at Sentinel "main"/)).toHaveLength(2);
    expect(logger.matching(/^info: .* answers again/)).toHaveLength(2);
  }, 60_000);

  it('is replaced when it hangs: calls that wait for it end in their time, and all goes on by itself', async () => {
    const running = await startLoad('reports', 1, { logger: new ConnectionLog(), commandTimeoutMs: 2_000 });
    const primary = await primaryNow();
    running.expectLoss();
    primary.freeze();
    try {
      await running.goesOn();
      expect(await primaryNow()).not.toBe(primary);
    } finally {
      primary.thaw();
    }
    await running.goesOn();
    await running.finish();
    expect(running.lost).toEqual([]);
    // What was on its way to the old one is unknown; what was not sent in its time is a definite no.
    const isSaid = (error: unknown): boolean => OutcomeUnknownError.is(error) || NoRedisError.is(error);
    expect(running.errors.filter((error) => !isSaid(error))).toEqual([]);
  }, 60_000);
});
