import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type AnyJobs,
  type Connection,
  type JobsError,
  NoRedisError,
  OutcomeUnknownError,
  type Queue,
} from '@millrace/core';
import { SCRIPTS } from '../../libs/core/dist/redis/scripts.generated.js';
import { Proxy } from '../support/proxy.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { Harness } from './support/harness.ts';

const TIMEOUT_MS = 300;

describe('a call to which no answer comes', () => {
  let redis: RedisServer;
  let proxy: Proxy;
  let harness: Harness;
  let connection: Connection;
  let queue: Queue<AnyJobs>;
  let watcher: Queue<AnyJobs>;

  beforeEach(async () => {
    redis = await RedisServer.start();
    proxy = await Proxy.start(redis.url);
    harness = new Harness(redis.url);
    connection = await harness.connect({ commandTimeoutMs: TIMEOUT_MS }, proxy.url);
    queue = await harness.queue('mail', { connection });
    watcher = await harness.queue();
    // A call whose answer is lost shall have run: its script must be there.
    await connection.scripts.loadAll(SCRIPTS);
    await queue.counts();
  });

  afterEach(async () => {
    redis.thaw();
    await proxy.pass();
    await harness.close();
    await proxy.close();
    await redis.stop();
  });

  /** The error of a call, which must come within its time. */
  function failure<E extends JobsError>(call: Promise<unknown>): Promise<E> {
    const failed = call.then(
      () => Promise.reject(new Error('the call was answered')),
      (error: E) => error,
    );
    return within('the call to fail', failed, 3 * TIMEOUT_MS);
  }

  async function lanes(): Promise<number> {
    return Number((await redis.command('HLEN', `${harness.prefix}:{mail}:l`)).slice(1));
  }

  it('tells each caller the id of its own job, by which it can be looked up [core:A10]', async () => {
    proxy.half();
    const errors = await Promise.all(['a', 'b'].map((name) => failure<OutcomeUnknownError>(queue.add(name, 1))));
    for (const error of errors) {
      expect(error).toBeInstanceOf(OutcomeUnknownError);
      expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN', queue: 'mail', ids: [expect.any(String)] });
    }
    const found = await Promise.all(errors.map(({ ids }) => watcher.get(ids[0] ?? '')));
    expect(found.map((job) => job?.name)).toEqual(['a', 'b']);
  });

  it('tells all ids of a batch [core:A10]', async () => {
    proxy.half();
    const drafts = [1, 2, 3].map((data) => ({ name: 'welcome', data, options: { id: `job-${data}` } }));
    const error = await failure<OutcomeUnknownError>(queue.addMany(drafts));
    expect(error.ids).toEqual(['job-1', 'job-2', 'job-3']);
    expect((await watcher.counts()).waiting).toBe(3);
  });

  it('has one effect when it reaches Redis once more, and its lane is never used again [core:A10]', async () => {
    await queue.add('welcome', 'before');
    proxy.half();
    const error = await failure<OutcomeUnknownError>(queue.add('welcome', 'unknown'));
    expect(await lanes()).toBe(1);
    await proxy.pass();
    const after = await queue.add('welcome', 'after');
    expect(await lanes()).toBe(2);
    const { jobs } = await watcher.list('waiting');
    expect(jobs.map(({ data }) => data)).toEqual(['before', 'unknown', 'after']);
    expect(jobs[1]?.id).toBe(error.ids[0]);
    expect(jobs[2]?.id).toBe(after.id);
  });

  it('arrives later, and once, where it had not reached Redis: its outcome was truly unknown', async () => {
    proxy.blackhole();
    const error = await failure<OutcomeUnknownError>(queue.add('welcome', 'late'));
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect(await watcher.get(error.ids[0] ?? '')).toBeUndefined();
    await proxy.pass();
    await queue.add('welcome', 'after');
    await waitFor('both', async () => (await watcher.counts()).waiting === 2);
  });

  it('is an error of the catalogue for every call of a queue [case:R9]', async () => {
    redis.freeze();
    const changes: Promise<unknown>[] = [
      queue.cancel('a'),
      queue.remove('a'),
      queue.pause(),
      queue.resume(),
      queue.prioritize('a', 1),
      queue.config.set({ leaseMs: 30_000 }),
    ];
    const questions: Promise<unknown>[] = [
      queue.get('a'),
      queue.list('waiting'),
      queue.counts(),
      queue.workers(),
      queue.unclaimed(),
      queue.log('a'),
      queue.isPaused(),
    ];
    const errors = await Promise.all([...changes, ...questions].map((call) => failure(call)));
    const codes = errors.map(({ code }) => code);
    expect(codes.slice(0, changes.length).every((code) => ['OUTCOME_UNKNOWN', 'NO_REDIS'].includes(code))).toBe(true);
    expect(codes.slice(changes.length)).toEqual(questions.map(() => 'NO_REDIS'));
  });

  it('is not unknown where nothing was sent: the queue could not even be entered', async () => {
    const fresh = await harness.queue('sms', { connection });
    proxy.half();
    expect(await failure(fresh.add('welcome', 1))).toBeInstanceOf(NoRedisError);
    await proxy.pass();
    await expect(fresh.add('welcome', 2)).resolves.toMatchObject({ outcome: 'added' });
    expect((await fresh.counts()).waiting).toBe(1);
  });

  it('is a definite no while Redis is away, and is not sent later either', async () => {
    proxy.refuse();
    proxy.reset();
    await waitFor('the loss', () => connection.state === 'down');
    expect(await failure(queue.add('welcome', 'lost'))).toBeInstanceOf(NoRedisError);
    await proxy.pass();
    await queue.add('welcome', 'after');
    expect((await watcher.list('waiting')).jobs.map(({ data }) => data)).toEqual(['after']);
  });
});
