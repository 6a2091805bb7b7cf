import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Connection } from '@millrace/core';
import { rawCommand } from '../support/redis-client.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { DamagedQueue } from './support/damaged-queue.ts';

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
const PATIENCE = { timeoutMs: 30_000, intervalMs: 50 };

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

const JOBS = ['waits', 'prior', 'later', 'grouped', 'unique', 'tagged', 'first', 'second'];

/** Of each feature a job that does not run yet. */
async function fill({ queue }: DamagedQueue): Promise<void> {
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

/** A queue with a worker, damaged in one way. */
class Trial {
  #damaged: DamagedQueue | undefined;
  /** Resolves once it is damaged and another job has run. */
  readonly ran: Promise<void>;
  /** Lets it be repaired. */
  goOn: () => void = () => {};
  /** Resolves once it is repaired and all jobs that can run have. */
  readonly over: Promise<void>;

  constructor(
    readonly kind: Kind,
    url: string,
  ) {
    const repairs = new Promise<void>((resolve) => (this.goOn = resolve));
    this.ran = this.#damage(url);
    this.over = Promise.all([this.ran, repairs]).then(() => this.#repair());
    // Told by the test of the kind.
    this.over.catch(() => {});
  }

  async close(): Promise<void> {
    await this.#damaged?.close();
  }

  async #damage(url: string): Promise<void> {
    const damaged = (this.#damaged = await DamagedQueue.open(url));
    const { queue, direct } = damaged;
    await damaged.work(2_000);
    await fill(damaged);
    await this.kind.apply(direct.client, (suffix) => damaged.key(suffix));
    await queue.resume();
    const { id } = await queue.add('any', 2, { priority: 5 });
    await waitFor('another job to run', async () => (await queue.get(id))?.state === 'completed', PATIENCE);
  }

  async #repair(): Promise<void> {
    const { queue, log } = this.#damaged!;
    expect(log.matching(/^error/).filter((line) => !line.includes('was lost'))).toEqual([]);
    // What time asks for: who waits is told by housekeeping.
    const isClean = async (): Promise<boolean> => (await queue.repair()).isClean && (await queue.verify()).isClean;
    await waitFor('all to be well', isClean, PATIENCE);
    await queue.promote({ state: 'delayed' });
    const { gone } = this.kind;
    const rest = JOBS.filter((each) => each !== gone);
    const states = async (): Promise<(string | undefined)[]> =>
      Promise.all(rest.map(async (each) => (await queue.get(each))?.state));
    const isOver = (state: string | undefined): boolean => state === 'completed' || state === 'failed';
    await waitFor('the rest to end', async () => (await states()).every(isOver), PATIENCE);
    const expected = rest.map((each) => (each === 'second' && gone === 'first' ? 'failed' : 'completed'));
    expect(await states()).toEqual(expected);
  }
}

/** Each kind on a queue of its own, all at once: most of what they do is to wait. */
describe('what another hand has deleted, under a real worker', () => {
  let redis: RedisServer;
  let trials: readonly Trial[] = [];
  let calls: number;

  async function called(): Promise<number> {
    const stats = await rawCommand(redis.port, ['INFO', 'commandstats']);
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  }

  beforeAll(async () => {
    redis = await RedisServer.start();
    trials = KINDS.map((kind) => new Trial(kind, redis.url));
    await Promise.allSettled(trials.map(({ ran }) => ran));
    const before = await called();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    calls = (await called()) - before;
    for (const trial of trials) trial.goOn();
  });

  afterAll(async () => {
    await Promise.allSettled(trials.map(({ over }) => over));
    try {
      for (const trial of trials) await trial.close();
    } finally {
      await redis.stop();
    }
  });

  it.each(KINDS.map((kind, i) => ({ ...kind, i })))(
    '$what: others run, and repair brings back what there is [case:R16]',
    async ({ i }) => {
      await trials[i]?.over;
    },
  );

  it('no worker spins on any of it [case:R16]', () => {
    expect(calls).toBeLessThan(KINDS.length * 30);
  });
});
