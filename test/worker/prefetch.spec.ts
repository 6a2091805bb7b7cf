import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, type Queue } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { Proxy } from '../support/proxy.ts';
import { redisUrl } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from './support/gate.ts';
import { RunLog } from './support/run-log.ts';

const PATIENCE = { timeoutMs: 15_000, intervalMs: 2 };

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('what a worker takes ahead', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let gate: Gate;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    gate = new Gate();
  });

  afterEach(async () => {
    gate.open();
    await harness.close();
  });

  function add(count: number, name = 'any'): Promise<unknown> {
    return queue.addMany(Array.from({ length: count }, (_, data) => ({ name, data })));
  }

  /** The most that was held at once while `busy`. */
  async function mostHeld(busy: () => boolean): Promise<number> {
    let most = 0;
    while (busy()) {
      most = Math.max(most, (await queue.counts()).active);
      await pause(5);
    }
    return most;
  }

  it('is nothing with slow handlers: two workers share the jobs evenly [core:B8]', async () => {
    const logs = [new RunLog(), new RunLog()];
    for (const log of logs) {
      await harness.worker({
        handler: log.handler(() => pause(100)),
        concurrency: 5,
        connection: await harness.connect(),
      });
    }
    await add(60);
    const done = (): number => logs.reduce((sum, { ended }) => sum + ended.length, 0);
    // Ten run at once; what can start within 50 ms is none of those that take 100.
    expect(await mostHeld(() => done() < 60)).toBeLessThanOrEqual(10);
    for (const { started } of logs) expect(started.length).toBeGreaterThanOrEqual(25);
  });

  it('grows with quick handlers, so that a round trip is shared [core:B8]', async () => {
    const log = new RunLog();
    const { client } = await harness.connection;
    const calls = async (): Promise<number> =>
      Number(/cmdstat_evalsha:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0);
    await add(1_000);
    const before = await calls();
    await harness.worker({ handler: log.handler(), concurrency: 1 });
    await waitFor('all to end', () => log.ended.length === 1_000);
    // One by one it would be a thousand.
    expect((await calls()) - before).toBeLessThan(300);
  });

  it('is nothing any more after a few runs that turned slow [core:B8]', async () => {
    let isSlow = false;
    const log = new RunLog();
    const handler = log.handler(() => (isSlow ? pause(100) : undefined));
    const worker = await harness.worker({ handler, concurrency: 2 });
    await add(500);
    await waitFor('the quick ones', () => log.ended.length === 500);
    isSlow = true;
    await add(60);
    await waitFor('some slow ones', () => log.ended.length >= 540, { timeoutMs: 10_000 });
    expect(worker.health().queues[0]?.buffered).toBe(0);
    expect((await queue.counts()).active).toBeLessThanOrEqual(2);
  });

  it('is none where jobs have priorities, even if the user asks for it [core:B8]', async () => {
    const log = new RunLog();
    await queue.addMany(
      Array.from({ length: 40 }, (_, data) => ({ name: 'any', data, options: { priority: data % 3 } })),
    );
    await harness.worker({ handler: log.handler(() => pause(2)), concurrency: 2, prefetch: 30 });
    // What the first call took, before the worker knew of priorities, goes back at once.
    await waitFor('the first jobs', () => log.ended.length >= 4);
    expect(await mostHeld(() => log.ended.length < 40)).toBeLessThanOrEqual(2);
    expect(log.repeated).toEqual([]);
  });

  it('is little where calls wait behind those of others, and more again where they do not [core:B8]', async () => {
    const proxy = await Proxy.start(redisUrl());
    try {
      const log = new RunLog();
      await add(20_000);
      await harness.worker({
        handler: log.handler(),
        concurrency: 2,
        connection: await harness.connect({}, proxy.url),
      });
      const held = async (): Promise<number> => {
        const { active, waiting } = await queue.counts();
        if (waiting === 0) throw new Error('no job waits any more');
        return active;
      };
      await waitFor('many to be taken ahead', async () => (await held()) > 200, PATIENCE);
      proxy.delay(60);
      await waitFor('few to be', async () => (await held()) < 30, PATIENCE);
      await proxy.pass();
      await waitFor('many to be again', async () => (await held()) > 200, PATIENCE);
      await waitFor('all to end', () => log.ended.length === 20_000, PATIENCE);
      expect(log.repeated).toEqual([]);
    } finally {
      await harness.close();
      await proxy.close();
    }
  });

  it('goes back, in order, when the queue is paused [core:B8]', async () => {
    const first = new RunLog();
    await harness.worker({ handler: first.handler(() => gate.opened), concurrency: 1, prefetch: 10 });
    await add(11);
    await waitFor('ten to be taken ahead', async () => (await queue.counts()).active === 11);
    await queue.pause({ wait: true });
    await waitFor('ten to be back', async () => (await queue.counts()).waiting === 10);
    gate.open();
    await waitFor('the one that ran to end', async () => (await queue.counts()).completed === 1);
    expect(first.started).toHaveLength(1);
    await queue.resume();
    await waitFor('the others', () => first.ended.length === 11);
    expect(first.repeated).toEqual([]);
  });

  it('does not wait behind runs that turn out to be long while another worker is idle [core:B8]', async () => {
    const quick = new RunLog();
    const hangs = new RunLog();
    const busy = await harness.worker({
      handlers: { quick: quick.handler(), long: hangs.handler(() => gate.opened) },
      concurrency: 2,
    });
    await add(300, 'quick');
    await waitFor('the quick ones', () => quick.ended.length === 300);
    // It takes ahead now. Two long jobs fill its slots, and what follows them would wait for hours.
    await queue.addMany(
      ['long', 'long', ...Array.from({ length: 20 }, () => 'quick')].map((name) => ({ name, data: 1 })),
    );
    await waitFor('the long ones to run', () => hangs.running === 2);
    await waitFor('jobs to be taken ahead', () => (busy.health().queues[0]?.buffered ?? 0) > 0);
    await harness.worker({ handlers: { quick: quick.handler() }, connection: await harness.connect() });
    await waitFor('the quick ones to run elsewhere', () => quick.ended.length === 320);
    expect(quick.repeated).toEqual([]);
  });
});
