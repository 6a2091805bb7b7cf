import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '@millrace/core';
import type { Cluster } from 'ioredis';
import { ConnectionLog } from '../core/connection-log.ts';
import { RedisCluster } from '../support/redis-cluster.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { Load, type Deployment } from './support/load.ts';

const PREFIX = 'test-failover';
const NODE_TIMEOUT_MS = 1_500;
/** A call that has its time until then waits, also where an election comes to nothing and the next is held 4 node timeouts later. */
const COMMAND_MS = 20_000;

describe('a Cluster under load', () => {
  let cluster: RedisCluster;
  let deployment: Deployment;
  const log = new ConnectionLog();
  const loads: Load[] = [];

  beforeAll(async () => {
    cluster = await RedisCluster.start({ replicas: 1, nodeTimeoutMs: NODE_TIMEOUT_MS });
    deployment = {
      open: () =>
        connect({ cluster: { nodes: cluster.nodes } }, { prefix: PREFIX, logger: log, commandTimeoutMs: COMMAND_MS }),
      isReplicated: async ({ client }, key) => {
        const { port } = await cluster.masterOf(key);
        const node = (client as Cluster).nodes('master').find(({ options }) => options.port === port);
        return (await node?.wait(1, 500)) === 1;
      },
    };
  }, 60_000);

  afterAll(async () => {
    await Promise.all(loads.map((load) => load.stop()));
    await cluster.stop();
  });

  /** A load on a queue that lies on that master. */
  async function loadOn(master: RedisServer | undefined): Promise<Load> {
    for (let n = 0; ; n += 1) {
      if ((await cluster.masterOf(`${PREFIX}:{q${n}}`)) !== master) continue;
      const load = await Load.start(`q${n}`, deployment);
      loads.push(load);
      return load;
    }
  }

  it('whose master is killed loses nothing that a replica had, and all goes on by itself [case:R26]', async () => {
    const [asked, victim] = cluster.masters as [RedisServer, RedisServer];
    const [concerned, other] = await Promise.all([loadOn(victim), loadOn(asked)]);
    for (const load of [concerned, other]) load.expectLoss();
    await victim.kill();
    await Promise.all([concerned.goesOn(), other.goesOn()]);
    expect(await cluster.masterOf(`${PREFIX}:{${concerned.queue.name}}`)).toBe(cluster.replicaOf(victim));

    await victim.restart();
    await waitFor('the old master to follow', async () => (await victim.command('ROLE')).includes('slave'));
    await concerned.goesOn();
    await Promise.all([concerned.finish(), other.finish()]);
    for (const { lost, errors, longRuns } of [concerned, other]) {
      expect({ lost, errors, longRuns }).toEqual({ lost: [], errors: [], longRuns: 1 });
    }
    // What was taken ahead may go back when no lease can be renewed for so long.
    const isExpected = (line: string): boolean =>
      /(Trying again|that had not started go back, uncharged)\.$/.test(line);
    expect(log.matching(/^(warn|error)/).filter((line) => !isExpected(line))).toEqual([]);
  }, 90_000);
});
