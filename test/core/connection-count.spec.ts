import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyJobs, Queue } from '@millrace/core';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { EventReader } from './support/event-reader.ts';
import { Harness } from './support/harness.ts';

const QUEUES = 50;

describe('a process of many queues', () => {
  let redis: RedisServer;
  let harness: Harness;
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);

  beforeEach(async () => {
    redis = await RedisServer.start();
    harness = new Harness(redis.url);
    process.on('warning', note);
  });

  afterEach(async () => {
    process.off('warning', note);
    await harness.close();
    await redis.stop();
  });

  async function names(): Promise<string[]> {
    const list = await redis.command('CLIENT', 'LIST');
    return [...list.matchAll(/ name=(millrace:\S*)/g)].map(([, name = '']) => name).sort();
  }

  it('has three connections, of commands, of messages and of the lease keeper: with a worker, events and an awaited result of each queue', async () => {
    const queues: Queue<AnyJobs>[] = [];
    const readers: EventReader[] = [];
    for (let n = 0; n < QUEUES; n++) {
      const queue = await harness.queue(`queue-${n}`);
      queues.push(queue);
      const keeper = 'thread' as const;
      await harness.worker({ queues: queue.name, handler: ({ data }) => data, lease: { keeper } });
      readers.push(new EventReader(queue));
    }
    const jobs = await Promise.all(queues.map((queue, n) => queue.add('any', n)));
    const results = await Promise.all(queues.map((queue, n) => queue.result(jobs[n]!.id, { timeoutMs: 20_000 })));
    expect(results).toEqual(queues.map((_, n) => n));
    await waitFor('all sockets', async () => (await names()).length === 3);
    expect(await names()).toEqual(['millrace:commands', 'millrace:commands', 'millrace:subscriber']);
    expect(warnings).toEqual([]);
    await Promise.all(readers.map((reader) => reader.stop()));
    await harness.close();
    await waitFor('all to be closed', async () => (await names()).length === 0);
  });
});
