import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyJobs, Connection, Queue } from '@millrace/core';
import { ConnectionLog } from '../core/connection-log.ts';
import { Harness } from '../core/support/harness.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';

type Redis = Connection['client'];
type Key = (suffix: string) => string;

/** What is taken away by one command, and whose record goes with it. */
interface Kind {
  readonly what: string;
  readonly apply: (redis: Redis, key: Key) => Promise<unknown>;
  /** The job that is gone for good, if one is. */
  readonly gone?: string;
}

const HOUR = 3_600_000;

const KINDS: readonly Kind[] = [
  { what: 'the lease of a worker', apply: (redis, key) => redis.del(key('L')) },
  {
    what: 'what a worker holds',
    apply: async (redis, key) => redis.del(...(await redis.keys(`${key('h:').replace(/[{}]/g, '\\$&')}*`))),
  },
  { what: 'the record of a waiting job', apply: (redis, key) => redis.hdel(key('j'), 'waits'), gone: 'waits' },
  { what: 'the record of a delayed job', apply: (redis, key) => redis.hdel(key('j'), 'later'), gone: 'later' },
  {
    what: 'the record of a job on which another waits',
    apply: (redis, key) => redis.hdel(key('j'), 'first'),
    gone: 'first',
  },
  { what: 'all headers', apply: (redis, key) => redis.del(key('m')) },
  { what: 'the list of waiting jobs', apply: (redis, key) => redis.del(key('r')) },
  { what: 'the set of prior jobs', apply: (redis, key) => redis.del(key('pp')) },
  { what: 'an entry of a delayed job', apply: (redis, key) => redis.zrem(key('d'), 'later') },
  { what: 'the ready jobs of a group', apply: (redis, key) => redis.del(key('g:A')) },
  { what: 'the ring of groups', apply: (redis, key) => redis.del(key('gl')) },
  { what: 'a unique key', apply: (redis, key) => redis.del(key('uk')) },
  { what: 'what a job waits for', apply: (redis, key) => redis.del(key('dl:second')) },
  { what: 'who waits for a job', apply: (redis, key) => redis.del(key('dd:first')) },
  { what: 'the blocked jobs', apply: (redis, key) => redis.del(key('b')) },
  { what: 'lines of jobs', apply: (redis, key) => redis.del(key('x')) },
  { what: 'the jobs of a tag', apply: (redis, key) => redis.del(key('tg:red')) },
  { what: 'the settings of the queue', apply: (redis, key) => redis.del(key('q')) },
  { what: 'the bits of the queue', apply: (redis, key) => redis.hdel(key('q'), 'bits') },
];

describe('what another hand has deleted, under a real worker', () => {
  let redis: RedisServer;
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let direct: Connection;
  let log: ConnectionLog;
  const key: Key = (suffix) => `${harness.prefix}:{mail}:${suffix}`;

  beforeEach(async () => {
    redis = await RedisServer.start();
    harness = new Harness(redis.url);
    direct = await harness.connect();
    queue = await harness.queue('mail', { connection: direct });
    log = new ConnectionLog();
  });

  afterEach(async () => {
    try {
      await harness.close();
    } finally {
      await redis.stop();
    }
  });

  async function calls(): Promise<number> {
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(await direct.client.info('commandstats'))?.[1] ?? 0);
  }

  /** Of each feature a job that does not run yet. */
  async function fill(): Promise<void> {
    await queue.pause();
    await queue.add('any', 1, { id: 'waits' });
    await queue.add('any', 1, { id: 'prior', priority: 5 });
    await queue.add('any', 1, { id: 'later', delayMs: HOUR });
    await queue.add('any', 1, { id: 'grouped', group: 'A' });
    await queue.add('any', 1, { id: 'unique', unique: { key: 'one' }, delayMs: HOUR });
    await queue.add('any', 1, { id: 'tagged', tags: ['red'], delayMs: HOUR });
    await queue.add('any', 1, { id: 'first', delayMs: HOUR });
    await queue.add('any', 1, { id: 'second', dependsOn: ['first'] });
  }

  it.each(KINDS)(
    '$what: others run, it does not spin, and repair brings back what there is [case:R16]',
    async (kind) => {
      const connection = await harness.connect({ logger: log });
      await harness.worker({ connection, handler: ({ data }) => data, lease: { durationMs: 2_000 } });
      await fill();
      await kind.apply(direct.client, key);
      await queue.resume();
      const { id } = await queue.add('any', 2, { priority: 5 });
      await waitFor('another job to run', async () => (await queue.get(id))?.state === 'completed', {
        timeoutMs: 20_000,
      });
      const before = await calls();
      const from = performance.now();
      await waitFor('a second', () => performance.now() - from > 1_000, { intervalMs: 50 });
      expect((await calls()) - before).toBeLessThan(60);
      expect(log.matching(/^error/).filter((line) => !line.includes('was lost'))).toEqual([]);

      await queue.repair();
      // What time asks for: who waits is told by housekeeping.
      const isClean = async (): Promise<boolean> => (await queue.repair()).isClean && (await queue.verify()).isClean;
      await waitFor('all to be well', isClean, { timeoutMs: 10_000 });
      await queue.promote({ state: 'delayed' });
      const rest = ['waits', 'prior', 'later', 'grouped', 'unique', 'tagged', 'first', 'second'].filter(
        (each) => each !== kind.gone,
      );
      const states = async (): Promise<(string | undefined)[]> =>
        Promise.all(rest.map(async (each) => (await queue.get(each))?.state));
      const isOver = (state: string | undefined): boolean => state === 'completed' || state === 'failed';
      await waitFor('the rest to end', async () => (await states()).every(isOver), { timeoutMs: 20_000 });
      const ends = await states();
      const expected = rest.map((each) => (each === 'second' && kind.gone === 'first' ? 'failed' : 'completed'));
      expect(ends).toEqual(expected);
    },
    60_000,
  );
});
