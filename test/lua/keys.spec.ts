import { afterEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';

import * as scripts from '../../libs/core/src/redis/scripts.generated.js';
import { RedisServer } from '../support/redis.js';
import { waitFor } from '../support/wait-for.js';
import { TestQueue } from './support/harness.js';
import { LuaQueue } from './support/lua-queue.js';
import { zip } from './support/lua-worker.js';
import { assertInvariants } from './support/invariants.js';
import { body } from './support/records.js';

/** Runs every command, so that each of its ways touches the keys that it has. */
async function runEverything(queue: TestQueue): Promise<void> {
  await queue.run(scripts.declare, { virtual: 1 });
  await queue.configure('listening', '60000', 'keep:failed', '1,', 'lease', '30000');
  const worker = await queue.worker('E');
  await worker.exchange({ want: 1, park: 1 });
  await queue.add(
    'a',
    'b',
    'c',
    ['d', 'd10'],
    ['p', 'p5', { fields: 'p5' }],
    ['n', 'p-5', { fields: 'p-5,k5:5,x90000,s2' }],
  );
  await queue.addChecked('x', 'ck,m9');
  await queue.addChecked('x', 'cr,m9');
  await queue.run(scripts.wait, { id: 'a', channel: `${queue.base}:a:mine`, forMs: 1_000 });
  const jobs = await worker.lease(4);
  await worker.start(...jobs);
  await queue.raw('note', 'E', jobs[0]!.id, jobs[0]!.token, 'p', '', '5');
  await queue.run(scripts.notes, { id: jobs[0]!.id });
  const codes = ['n1\t0\tgreet\t', 'c1\t\t\t42', 'r1\t5\t\tno', 'f1\t\t\tno'];
  await worker.exchange({ ends: zip(jobs, codes) });
  await queue.raw('claim', 'greet');
  await queue.prioritize('x', 7);
  await queue.prioritize('x', 0);
  await queue.update('b', 'd5', 'new');
  await queue.move('b');
  for (const state of ['waiting', 'active', 'delayed', 'retrying', 'completed', 'failed']) await queue.ids(state);
  await queue.run(scripts.get, { ids: ['a', 'b', 'x', 'none'] });
  await queue.cancel('d', 'x');
  await queue.retry('x', 'a');
  await queue.promote('b', 'c');
  await queue.remove('d');
  await worker.lease(3);
  await queue.run(scripts.reconcile, { epoch: 'E', settled: ['0', '9'], known: [] });
  await queue.raw('pause', 1);
  await queue.run(scripts.paused, {});
  await queue.raw('pause', 0);
  await queue.run(scripts.nudge, {});
  await worker.lease(2);
  await worker.renew();
  queue.pass(20);
  for (let i = 0; i < 3; i++) {
    await queue.housekeep();
    queue.pass(45_000);
  }
  await (await queue.worker('F')).close();
  await queue.run(scripts.workers, { offset: 0, limit: 100 });
  await queue.run(scripts.readEvents, { after: '0-0', limit: 100 });
  await queue.counts();
  await new LuaQueue(queue.redis, `${queue.base}registry`).run(scripts.register, { name: 'q', place: '1\t' });
}

describe('the keys of a queue', () => {
  const ends: (() => Promise<unknown> | void)[] = [];

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function connect(args: readonly string[] = []): Promise<Redis> {
    const server = await RedisServer.start({ args });
    ends.push(() => server.stop());
    const redis = new Redis(server.url);
    ends.push(() => redis.disconnect());
    return redis;
  }

  it('all begin with its base, so that one hash tag holds them: every call of every command [core:A21]', async () => {
    const redis = await connect();
    const monitor = await redis.monitor();
    ends.push(() => monitor.disconnect());
    const calls: string[][] = [];
    monitor.on('monitor', (_time: string, args: string[], source: string) => {
      if (source === 'lua' && args[0]?.toUpperCase() !== 'TIME') calls.push(args);
    });
    const queue = new TestQueue(redis, 'test-keys:{q}');
    await runEverything(queue);
    await assertInvariants(queue);
    await redis.eval("return redis.call('SET', KEYS[1], '1')", 1, 'end');
    await waitFor('the end of the record', () => calls.some((args) => args[1] === 'end'));
    const keyOf = ([name = '', first = '', second = '']: readonly string[]): string =>
      name.toUpperCase() === 'OBJECT' ? second : first;
    const keys = calls.map(keyOf).filter((key) => key !== 'end');
    expect(keys.length).toBeGreaterThan(300);
    expect(keys.filter((key) => !key.startsWith('test-keys:{q}'))).toEqual([]);
    expect(new Set(keys.map((key) => key.split(':')[2])).size).toBeGreaterThan(20);
  }, 20_000);

  it('lie in one slot: every command runs on a server in cluster mode [core:A21]', async () => {
    const redis = await connect(['--cluster-enabled', 'yes']);
    await redis.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await waitFor('the cluster', async () => String(await redis.call('CLUSTER', 'INFO')).includes('cluster_state:ok'));
    const queue = new TestQueue(redis, 'test-keys:{q}');
    await runEverything(queue);
    await assertInvariants(queue);
  }, 20_000);

  it('of two queues whose names begin alike are apart', async () => {
    const redis = await connect();
    const [one, two] = [new TestQueue(redis, 'test-keys:{a}'), new TestQueue(redis, 'test-keys:{a}:j')];
    for (const queue of [one, two]) await queue.run(scripts.declare, { virtual: 1 });
    await one.run(scripts.add, { laneId: 'l', seq: 1, own: 0, rows: ['x', body()] });
    expect(await two.state('x')).toBe('');
  });
});
