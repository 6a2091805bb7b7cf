import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as millrace from '@millrace/core';
import { connect, CrossSlotError, Queue, Worker, type Connection } from '@millrace/core';
import { RedisCluster } from '../support/redis-cluster.ts';
import { bulkStrings } from '../support/redis-client.ts';
import { RedisServer } from '../support/redis-server.ts';
import { ConnectionLog } from '../core/connection-log.ts';
import { ACTING } from './calls/acting.ts';
import { ADDING } from './calls/adding.ts';
import { FUNCTIONS } from './calls/functions.ts';
import { LOOKING } from './calls/looking.ts';
import { PARTS } from './calls/parts.ts';
import { RUNNING, WORKER } from './calls/running.ts';
import { Stage, type Trial } from './calls/stage.ts';
import { leastUser } from './support/acl-guide.ts';

const PARTS_OF_QUEUE = ['config', 'groups', 'resources', 'batches'] as const;

/** Functions of the package that reach no queue, or run what reaches one. */
const NOT_OF_QUEUES = new Set(['batch', 'connect', 'defineQueue', 'job', 'jsonLogger', 'runWorker', 'textLogger']);

describe('on a Cluster of three masters and three replicas, as a user who may do no more than needed,', () => {
  let cluster: RedisCluster;
  let redis: RedisServer;
  let connection: Connection;
  let single: Connection;
  const log = new ConnectionLog();

  beforeAll(async () => {
    [cluster, redis] = await Promise.all([RedisCluster.start({ replicas: 1 }), RedisServer.start()]);
    const settings = { prefix: 'test-calls', logger: log };
    const user = { username: 'jobs', password: 'pw' };
    const { rules, inCluster } = leastUser(settings.prefix, user.password);
    for (const server of cluster.servers) await server.command('ACL', 'SETUSER', 'jobs', ...rules, ...inCluster);
    await redis.command('ACL', 'SETUSER', 'jobs', ...rules);
    connection = await connect({ cluster: { nodes: cluster.nodes, options: { redisOptions: user } } }, settings);
    single = await connect({ port: redis.port, ...user }, settings);
  }, 60_000);

  afterAll(async () => {
    await Promise.all([connection.close(), single.close()]);
    await Promise.all([cluster.stop(), redis.stop()]);
  });

  async function outcome(trial: Trial, on: Connection, name: string): Promise<unknown> {
    const stage = new Stage(on, name);
    try {
      return await trial(stage);
    } finally {
      await stage.stop();
    }
  }

  const groups: Record<string, Readonly<Record<string, Trial>>> = {
    queue: { ...ADDING, ...LOOKING, ...ACTING, ...PARTS },
    'running job': RUNNING,
    worker: WORKER,
    function: FUNCTIONS,
  };
  for (const [of, trials] of Object.entries(groups)) {
    it.each(Object.entries(trials))(`%s of a ${of} does what it does on one server [case:R25]`, async (call, trial) => {
      const name = `${of} ${call}`;
      const [onCluster, onOne] = await Promise.all([outcome(trial, connection, name), outcome(trial, single, name)]);
      expect(onCluster).toEqual(onOne);
    });
  }

  it('every public call was tried [case:R25]', async () => {
    const stage = new Stage(connection, 'all');
    const running = methodsOf(await stage.running());
    await stage.stop();
    // `recall` is for the worker, and no handler sees it.
    expect(['recall', ...Object.keys(RUNNING)].sort()).toEqual(running.sort());
    const queue = new Queue('all', { connection });
    const parts = PARTS_OF_QUEUE.flatMap((part) => methodsOf(queue[part]).map((method) => `${part}.${method}`));
    expect(Object.keys(groups['queue'] ?? {}).sort()).toEqual([...methodsOf(queue), ...parts].sort());
    expect(Object.keys(WORKER).sort()).toEqual(methodsOf(Worker.prototype).sort());
    expect(Object.keys(FUNCTIONS).sort()).toEqual(functionsOfThePackage());
  });

  it('keys of one queue lie in one slot, and those of many on all masters [case:R25]', async () => {
    const slots = new Map<string, Set<string>>();
    for (const master of cluster.masters) {
      const keys = bulkStrings(await master.command('KEYS', '*')).filter((key) => key.includes('{'));
      expect(keys.length).toBeGreaterThan(50);
      for (const key of keys) {
        const tag = /\{.*?\}/.exec(key)?.[0] ?? '';
        const slot = await master.command('CLUSTER', 'KEYSLOT', key);
        slots.set(tag, (slots.get(tag) ?? new Set()).add(slot));
      }
    }
    expect([...slots].filter(([, each]) => each.size !== 1)).toEqual([]);
  });

  it('work across slots is refused with a sentence that says how to get it, and nothing is written [case:R25]', async () => {
    const stage = new Stage(connection, 'here');
    const [here, there] = [stage.queue, stage.open('there')];
    await there.add('job', null, { id: 'first' });
    await here.add('job', null, { id: 'x' });
    const refused = [
      here.add('job', null, { id: 'y', dependsOn: [{ queue: 'there', id: 'first' }] }),
      here.addMany([{ name: 'job', data: null, options: { id: 'z', dependsOn: [{ queue: 'there', id: 'first' }] } }]),
      here.addDependency('x', { queue: 'there', id: 'first' }),
      here.move('x', 'there'),
    ];
    for (const call of refused) {
      const error = await call.then(nothing, (reason: unknown) => reason);
      expect(CrossSlotError.is(error) && [error.queue, error.other]).toEqual(['here', 'there']);
      expect((error as Error).message).toContain("Declare both with the same slot, everywhere: { slot: 'orders' }");
    }
    expect([await here.counts(), await there.counts()]).toMatchObject([{ waiting: 1, blocked: 0 }, { waiting: 1 }]);
    await stage.stop();
  });

  it('the connection had nothing to say', () => expect(log.matching(/Redis at|connection/)).toEqual([]));
});

function nothing(): undefined {
  return undefined;
}

/** The methods that an object has of its class, and of those that this one extends. */
function methodsOf(object: object): string[] {
  const names = new Set<string>();
  for (let at = object; at !== Object.prototype && at !== null; at = Object.getPrototypeOf(at) as object) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value === 'function' && name !== 'constructor') names.add(name);
    }
  }
  return [...names];
}

function functionsOfThePackage(): string[] {
  return Object.entries(millrace)
    .filter(([name, value]) => typeof value === 'function' && /^[a-z]/.test(name))
    .map(([name]) => name)
    .filter((name) => !NOT_OF_QUEUES.has(name))
    .sort();
}
