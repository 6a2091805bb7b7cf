import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, type Queue, StorageRefusedError } from '@millrace/core';
import { RedisServer } from '../support/redis-server.ts';
import { Harness } from './support/harness.ts';

/** What Redis answers, instead of doing it, is a definite no: each of these tests compares the whole keyspace. */
describe('a change that Redis refuses', () => {
  let redis: RedisServer;
  let harness: Harness;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    redis = await RedisServer.start();
    harness = new Harness(redis.url);
    queue = await harness.queue();
    await queue.add('welcome', 'old', { id: 'there', delayMs: 60_000 });
  });

  afterEach(async () => {
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    await redis.command('REPLICAOF', 'NO', 'ONE');
    await harness.close();
    await redis.stop();
  });

  /** A digest of all that Redis stores. */
  const keyspace = (): Promise<string> => redis.command('DEBUG', 'DIGEST');

  const changes: [string, (queue: Queue<AnyJobs>) => Promise<unknown>][] = [
    ['add', (queue) => queue.add('welcome', 'new')],
    ['add with a delay and a priority', (queue) => queue.add('welcome', 'new', { delayMs: 60_000, priority: 5 })],
    ['add under an id', (queue) => queue.add('welcome', 'new', { id: 'new' })],
    ['add in place of another', (queue) => queue.add('welcome', 'new', { id: 'there', onConflict: 'replace' })],
    ['addMany', (queue) => queue.addMany([1, 2, 3].map((data) => ({ name: 'welcome', data })))],
    ['config.set', (queue) => queue.config.set({ leaseMs: 20_000 })],
  ];

  it.each(changes)('%s: full memory, nothing is written [core:B6] [case:R14]', async (_, change) => {
    const before = await keyspace();
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    const error = await change(queue).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StorageRefusedError);
    expect(error).toMatchObject({ code: 'STORAGE_REFUSED', queue: 'mail', reason: 'OOM' });
    expect(await keyspace()).toBe(before);
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    await change(queue);
    expect(await keyspace()).not.toBe(before);
  });

  it.each(changes)('%s: a read-only replica, nothing is written [core:B6] [case:R11]', async (_, change) => {
    const before = await keyspace();
    await redis.command('REPLICAOF', '127.0.0.1', '1');
    await expect(change(queue)).rejects.toMatchObject({ code: 'STORAGE_REFUSED', reason: 'READONLY' });
    await redis.command('REPLICAOF', 'NO', 'ONE');
    expect(await keyspace()).toBe(before);
  });

  it('can be undone while memory is full: what shrinks is allowed [core:A17]', async () => {
    const job = await queue.add('welcome', 'waiting');
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    expect(await queue.cancel(job.id)).toEqual(['cancelled']);
    expect(await queue.remove(job.id, 'there')).toEqual(['removed', 'removed']);
    await queue.pause();
    expect(await queue.isPaused()).toBe(true);
  });
});
