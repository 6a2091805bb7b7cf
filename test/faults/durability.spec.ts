import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyJobs, Job, Queue } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { LiveQueue } from '../lua/support/live-queue.ts';
import { RedisServer, type RedisServerOptions } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { Witness } from './support/witness.ts';

const FIRST = 20;
const SECOND = 30;

/** How Redis keeps its data, how it ends, and which jobs are there when it is back. */
interface Setting {
  readonly title: string;
  readonly options: RedisServerOptions;
  /** Done after the first jobs, before the others are added. */
  readonly between?: (redis: RedisServer) => Promise<unknown>;
  readonly end: NodeJS.Signals;
  readonly kept: number;
}

/** Snapshots are taken by the test alone: an hour is longer than it lasts. */
const SNAPSHOTS = { args: ['--save', '3600 1'] };
const EACH_SECOND = { appendOnly: true, args: ['--appendfsync', 'everysec'] };
const LEFT_TO_THE_SYSTEM = { appendOnly: true, args: ['--appendfsync', 'no'] };
const snapshot = (redis: RedisServer): Promise<unknown> => redis.command('SAVE');

const SETTINGS: readonly Setting[] = [
  { title: 'nothing, and is killed: all are lost', options: {}, end: 'SIGKILL', kept: 0 },
  { title: 'nothing, and is asked to end: all are lost', options: {}, end: 'SIGTERM', kept: 0 },
  {
    title: 'snapshots, and is killed: what came after the last one is lost',
    options: SNAPSHOTS,
    between: snapshot,
    end: 'SIGKILL',
    kept: FIRST,
  },
  {
    title: 'snapshots, and is asked to end: it takes one, and nothing is lost',
    options: SNAPSHOTS,
    end: 'SIGTERM',
    kept: FIRST + SECOND,
  },
  {
    title: 'an append-only file synced each second, and is killed while the machine lives: nothing is lost',
    options: EACH_SECOND,
    end: 'SIGKILL',
    kept: FIRST + SECOND,
  },
  {
    title: 'an append-only file that the system writes when it likes, and is killed: nothing is lost either',
    options: LEFT_TO_THE_SYSTEM,
    end: 'SIGKILL',
    kept: FIRST + SECOND,
  },
];

describe('a Redis that keeps', () => {
  let redis: RedisServer | undefined;
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let witness: Witness;

  beforeEach(() => {
    witness = new Witness();
  });

  afterEach(async () => {
    await harness.close();
    await redis?.stop();
    redis = undefined;
  });

  async function prepare(options: RedisServerOptions): Promise<RedisServer> {
    redis = await RedisServer.start(options);
    harness = new Harness(redis.url);
    queue = await harness.queue('mail', { connection: await harness.connect({ commandTimeoutMs: 500 }) });
    return redis;
  }

  function add(count: number): Promise<Job[]> {
    return queue.addMany(Array.from({ length: count }, (_, data) => ({ name: 'any', data })));
  }

  /** How many of the jobs are there: the first so many of them, and no others. */
  async function kept(jobs: readonly Job[]): Promise<number> {
    const there = await waitFor('Redis to answer', () => queue.getMany(jobs.map(({ id }) => id)));
    const ids = new Set(there.map(({ id }) => id));
    expect(jobs.slice(0, ids.size).every(({ id }) => ids.has(id))).toBe(true);
    return ids.size;
  }

  /** What is there runs once, new jobs as well, and the queue agrees with itself. */
  async function goesOn(count: number): Promise<void> {
    await waitFor('Redis to take jobs', () => queue.add('any', 'after'));
    await harness.worker({ handler: witness.handler(), connection: await harness.connect() });
    await waitFor('all to complete', async () => (await queue.counts()).completed === count + 1);
    expect([witness.runs.length, new Set(witness.runs).size]).toEqual([count + 1, count + 1]);
    const { client } = await harness.connection;
    await new LiveQueue(client as never, `${harness.prefix}:{mail}`).isSound();
  }

  /** Nothing that was answered waits to be written: a disk that is behind holds that back for up to two seconds. */
  async function isWritten(server: RedisServer): Promise<boolean> {
    const info = await server.command('INFO', 'persistence');
    return !/aof_(pending_bio_fsync|buffer_length):[1-9]/.test(info);
  }

  it.each(SETTINGS)('$title', async ({ options, between, end, kept: expected }) => {
    const server = await prepare(options);
    const jobs = await add(FIRST);
    await between?.(server);
    jobs.push(...(await add(SECOND)));
    await waitFor('the file to be written', () => isWritten(server));
    await server.kill(end);
    await server.restart();
    expect(await kept(jobs)).toBe(expected);
    await goesOn(expected);
  });

  it('snapshots, and is killed, runs again what had ended since the last one; the worker goes on', async () => {
    const server = await prepare(SNAPSHOTS);
    const jobs = await add(FIRST);
    await snapshot(server);
    const connection = await harness.connect({ commandTimeoutMs: 500 });
    await harness.worker({ handler: witness.handler(), connection, lease: { durationMs: 1_000 } });
    const allCompleted = async (): Promise<boolean> => (await queue.counts()).completed === FIRST;
    await waitFor('all to complete', allCompleted);
    await server.restart();
    await waitFor('all to complete again', allCompleted);
    expect(jobs.map(({ id }) => witness.runsOf(id))).toEqual(jobs.map(() => 2));
  });

  it('an append-only file synced at each write, and is killed amid adding, has every job that was confirmed', async () => {
    const server = await prepare({ appendOnly: true });
    const confirmed: Job[] = [];
    let isOver = false;
    const adding = (async () => {
      while (!isOver) confirmed.push(...(await add(5).catch(() => [])));
    })();
    await waitFor('jobs', () => confirmed.length > 100);
    await server.kill();
    isOver = true;
    await adding;
    await server.restart();
    expect(await kept(confirmed)).toBe(confirmed.length);
    // A last call may have counted whose answer nobody got: whole, or not at all.
    const { waiting } = await queue.counts();
    expect([0, 5]).toContain(waiting - confirmed.length);
    await goesOn(waiting);
  });
});
