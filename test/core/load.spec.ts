import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, Queue, silentLogger, Worker, type AnyJobs, type Connection } from '@millrace/core';
import { RedisServer } from '../support/redis-server.ts';
import { Footprint } from '../support/footprint.ts';
import { waitFor } from '../support/wait-for.ts';
import { CommandCount } from './support/command-count.ts';
import { Harness } from './support/harness.ts';

/** Loads of the catalogue at a size that each run can bear: the sizes stand in the titles. */
describe('under load', () => {
  let server: RedisServer;
  let harness: Harness;
  let connection: Connection;

  beforeEach(async () => {
    server = await RedisServer.start();
    harness = new Harness(server.url);
    connection = await harness.connection;
  });

  afterEach(async () => {
    await harness.close();
    await server.stop();
  });

  const drafts = (count: number, options = {}) =>
    Array.from({ length: count }, (_, data) => ({ name: 'any', data, options }));
  const clients = async (): Promise<number> =>
    String(await connection.client.client('LIST'))
      .trim()
      .split('\n').length;

  it('thirty thousand waiting jobs cost as many commands each at the end as at the beginning [case:L1]', async () => {
    const queue = await harness.queue();
    await queue.addMany(drafts(30_000));
    const count = await CommandCount.start(server.url);
    const marks: number[] = [];
    let done = 0;
    const handler = (): void => void (done += 1);
    const workers = await Promise.all([1, 2].map(() => harness.worker({ handler, concurrency: 50 })));
    for (const part of [10_000, 20_000, 30_000]) {
      await waitFor(`${part} jobs`, () => done >= part, { timeoutMs: 50_000 });
      marks.push(await count.of('evalsha'));
    }
    await waitFor('all to be handed in', async () => (await queue.counts()).active === 0);
    await Promise.all(workers.map((worker) => worker.stop()));
    const [first = 0, second = 0, third = 0] = marks;
    // Exchanges of a third, and no more than some polls and renewals beside them.
    expect(third - second).toBeLessThan(1.5 * Math.max(first, second - first) + 50);
    expect(done).toBe(30_000);
    expect(await queue.counts()).toMatchObject({ waiting: 0, active: 0, failed: 0 });
    expect((await queue.totals()).completed).toBe(30_000);
  });

  it('ten thousand jobs that are due at once are promoted in steps, and what comes meanwhile runs meanwhile [case:L2]', async () => {
    const queue = await harness.queue();
    await queue.addMany(drafts(10_000, { delayMs: 500 }));
    let done = 0;
    await harness.worker({ concurrency: 50, handlers: { any: () => void (done += 1), fresh: () => 'ran' } });
    await waitFor('the first of them', () => done > 0);
    const doneThen: number[] = [];
    while (done < 10_000) {
      const { id } = await queue.add('fresh', 1, { priority: 'high' });
      expect(await queue.result(id, { timeoutMs: 10_000 })).toBe('ran');
      doneThen.push(done);
    }
    expect(doneThen.length).toBeGreaterThan(1);
    await waitFor('all to end', async () => (await queue.counts()).delayed === 0);
    const stats = await connection.client.info('commandstats');
    expect(stats).not.toMatch(/cmdstat_keys/);
  });

  it('a thousand queues take three connections, and no listener more than one does [case:L4]', async () => {
    const warnings: string[] = [];
    const warn = (warning: Error): void => void warnings.push(warning.name);
    process.on('warning', warn);
    const before = await clients();
    const names = Array.from({ length: 1_000 }, (_, n) => `q${n}`);
    const queues = names.map((name) => new Queue<AnyJobs>(name, { connection }));
    const worker = await harness.worker({
      queues: names.slice(0, 100),
      handler: ({ data }) => data,
      lease: { keeper: 'thread' },
    });
    await Promise.all(queues.map((queue, n) => queue.add('any', n)));
    await waitFor('all to run', async () => {
      const counts = await Promise.all(queues.slice(0, 100).map((queue) => queue.counts()));
      return counts.every(({ completed }) => completed === 1);
    });
    // The commands' one was there; the subscriber's and the keeper's came.
    expect((await clients()) - before).toBeLessThanOrEqual(2);
    expect(warnings).toEqual([]);
    await worker.stop();
    await Promise.all(queues.map((queue) => queue.close()));
    process.off('warning', warn);
  });

  it('thirty workers that come back at once share what has waited: each job and each time of a schedule once [case:L8]', async () => {
    const queue = await harness.queue();
    await queue.addMany(drafts(3_000));
    for (let n = 0; n < 20; n++) {
      await queue.schedule(`s${n}`, { everyMs: 1_000, missed: 'last' }, { name: 'tick', data: n });
    }
    const due = await waitFor('them to be due', async () => {
      const { schedules } = await queue.schedules({ limit: 100 });
      return schedules.every(({ nextRunAt }) => nextRunAt !== undefined && nextRunAt.getTime() < Date.now())
        ? schedules
        : undefined;
    });
    const ran: string[] = [];
    const handler = ({ id }: { id: string }): void => void ran.push(id);
    await Promise.all(
      Array.from({ length: 30 }, () => harness.worker({ handler, concurrency: 10, startJitterMs: 50 })),
    );
    await waitFor('all to run', () => ran.length >= 3_000 + due.length);
    for (const { id } of due) await queue.unschedule(id);
    await waitFor('the rest', async () => (await queue.counts()).waiting + (await queue.counts()).active === 0);
    expect(new Set(ran).size).toBe(ran.length);
    expect((await queue.counts()).failed).toBe(0);
  });

  it('a thousand kept jobs are all that is kept of twenty thousand, and memory stays as it is [case:L11]', async () => {
    const queue = await harness.queue();
    await harness.worker({ concurrency: 100, handler: ({ data }) => data });
    const memory: number[] = [];
    for (let round = 0; round < 4; round++) {
      await queue.addMany(drafts(5_000));
      await waitFor('all to end and the old ones to go', async () => {
        const { waiting, active, completed } = await queue.counts();
        return waiting + active === 0 && completed <= 2_000;
      });
      memory.push(Number(/used_memory:(\d+)/.exec(await connection.client.info('memory'))?.[1]));
    }
    expect(memory[3]! - memory[1]!).toBeLessThan(2_000_000);
    const jobs = await connection.client.hlen(`${harness.prefix}:{mail}:j`);
    expect(jobs).toBeLessThanOrEqual(2_000);
  });

  it('forty connections with queue and worker that are opened and closed leave nothing [case:L12]', async () => {
    const cycle = async (): Promise<void> => {
      const own = await connect(server.url, { prefix: harness.prefix, logger: silentLogger });
      const queue = new Queue<AnyJobs>('mail', { connection: own });
      // A thread takes a hundred times as long to start; those of applications are in the test of Nest.
      const worker = new Worker({ connection: own, queues: 'mail', handler: () => 1, lease: { keeper: 'main' } });
      await worker.start();
      await queue.result((await queue.add('any', 1)).id);
      await worker.stop();
      await queue.close();
      await own.close();
    };
    const before = await Footprint.after(cycle, 3, clients);
    const after = await Footprint.after(cycle, 37, clients);
    await after.isNoMoreThan(before);
    expect(await connection.client.keys(`${harness.prefix}:{mail}:h:*`)).toEqual([]);
  });
});
