import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Proxy } from '../support/proxy.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { StoppedWorker, START_MS } from './support/stopped-worker.ts';

const TEST_MS = 2 * START_MS;
const CLEAN = { code: 0, signal: null };
/** How long a process may take that has nobody to say goodbye to, with some room for a busy machine. */
const LIMIT_MS = 5_000 + 1_000;

describe('a process that is told to end while Redis is away [case:O5]', () => {
  let redis: RedisServer;
  let proxy: Proxy;
  let scene: StoppedWorker;

  beforeEach(async () => {
    redis = await RedisServer.start();
    proxy = await Proxy.start(redis.url);
    scene = new StoppedWorker(redis.url);
  });
  afterEach(async () => {
    redis.thaw();
    await proxy.pass();
    await scene.close();
    await proxy.close();
    await redis.stop();
  });

  async function endsInTime(): Promise<void> {
    scene.signal('SIGTERM');
    const { afterMs, ...exit } = await scene.exit();
    expect(exit).toEqual(CLEAN);
    expect(afterMs).toBeLessThan(LIMIT_MS);
    expect(scene.told('stopped')).toHaveLength(1);
  }

  it.each<[string, () => unknown]>([
    ['that died', () => redis.kill()],
    ['that does not answer', () => redis.freeze()],
    ['that cannot be reached', () => proxy.blackhole()],
  ])(
    'ends by itself without a Redis %s, where nothing runs [case:C14]',
    async (_, breakRedis) => {
      await scene.start(1_000, 'started', proxy.url);
      await breakRedis();
      await endsInTime();
    },
    TEST_MS,
  );

  it.each<[string, () => unknown]>([
    ['that died', () => redis.kill()],
    ['that does not answer', () => redis.freeze()],
  ])(
    'aborts what runs and ends without a Redis %s, and says that jobs return later [case:C14]',
    async (_, breakRedis) => {
      await scene.add({ runMs: 60_000 });
      await scene.start(500, 'started', proxy.url);
      await scene.running(1);
      await breakRedis();
      await endsInTime();
      expect(scene.told('aborted').map(({ code }) => code)).toEqual(['ABORTED']);
      const last = scene.told('warning').at(-1);
      expect(last?.message).toContain('they return when its lease ends');
    },
    TEST_MS,
  );

  it.each<[string, () => unknown]>([
    ['is down', () => redis.kill()],
    ['does not answer', () => redis.freeze()],
    ['cannot be reached', () => proxy.blackhole()],
  ])(
    'ends while it starts and waits for a Redis that %s [case:C14]',
    async (_, breakRedis) => {
      await breakRedis();
      await scene.start(1_000, 'listening', proxy.url);
      await endsInTime();
      expect(scene.told('not started').map(({ code }) => code)).toEqual(['CLOSED']);
    },
    TEST_MS,
  );

  it(
    'hands in what it finished meanwhile, when Redis comes back within the grace [case:C14]',
    async () => {
      const [job] = await scene.add({ runMs: 500 });
      await scene.start(20_000, 'started', proxy.url);
      await scene.running(1);
      proxy.refuse();
      proxy.reset();
      scene.signal('SIGTERM');
      await waitFor('the handler to end', () => scene.told('finished').length === 1);
      await proxy.pass();
      const { afterMs: _, ...exit } = await scene.exit();
      expect(exit).toEqual(CLEAN);
      const queue = await scene.queue();
      expect((await queue.get(job!.id))?.state).toBe('completed');
      expect(await scene.traces()).toEqual([]);
    },
    TEST_MS,
  );
});
