import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '@millrace/core';
import { ConnectionLog } from '../core/connection-log.ts';
import { RedisCluster } from '../support/redis-cluster.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { Load } from './support/load.ts';
import { moveSlot } from './support/move-slot.ts';

const PREFIX = 'test-reshard';

describe('a slot that moves to another master under load', () => {
  let cluster: RedisCluster;
  let load: Load | undefined;

  beforeAll(async () => {
    cluster = await RedisCluster.start();
  }, 60_000);

  afterAll(async () => {
    await load?.stop();
    await cluster.stop();
  });

  it('takes its queue along: calls wait meanwhile, nothing is lost, and nothing is done in two places [case:R26]', async () => {
    const logger = new ConnectionLog();
    load = await Load.start('mail', {
      open: () => connect({ cluster: { nodes: cluster.nodes } }, { prefix: PREFIX, logger }),
      // No master dies: all that was acknowledged counts.
      isReplicated: () => Promise.resolve(true),
    });
    const key = `${PREFIX}:{mail}`;
    const source = await cluster.masterOf(key);
    const target = cluster.masters.find((master) => master !== source) as RedisServer;
    expect(await moveSlot(key, source, target)).toBeGreaterThan(10);
    await load.goesOn();
    expect(await cluster.masterOf(key, target)).toBe(target);
    await load.finish();
    const { lost, errors, longRuns, runs } = load;
    expect({ lost, errors, longRuns }).toEqual({ lost: [], errors: [], longRuns: 1 });
    expect([...runs.values()].filter((times) => times > 1)).toEqual([]);
    expect(logger.lines).toEqual([]);
  }, 60_000);
});
