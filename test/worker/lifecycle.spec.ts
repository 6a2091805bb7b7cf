import { setTimeout as delay } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AbortedError,
  ClosedError,
  connect,
  silentLogger,
  Worker,
  type ActiveJob,
  type AnyJobs,
  type Queue,
} from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { ConnectionLog } from '../core/connection-log.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { Gate } from './support/gate.ts';
import { RunLog } from './support/run-log.ts';

describe('the life of a worker', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let log: RunLog;
  let gate: Gate;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    log = new RunLog();
    gate = new Gate();
  });

  afterEach(async () => {
    gate.open();
    await harness.close();
  });

  function add(count: number): Promise<unknown> {
    return queue.addMany(Array.from({ length: count }, (_, data) => ({ name: 'any', data })));
  }

  async function made(settings: object = {}): Promise<Worker> {
    const connection = await harness.connection;
    return new Worker({ connection, queues: 'mail', handler: log.handler(), lease: { keeper: 'main' }, ...settings });
  }

  it('begins with the start, whose second call is the first [seed:A10]', async () => {
    const worker = await made();
    expect(worker.state).toBe('new');
    const starting = worker.start();
    expect(worker.start()).toBe(starting);
    expect(worker.state).toBe('starting');
    await starting;
    expect(worker.state).toBe('running');
    expect(await queue.workers()).toHaveLength(1);
    await worker.stop();
  });

  it('ends with the stop, whose second call is the first; then it cannot start again [seed:A10]', async () => {
    const worker = await harness.worker({ handler: () => gate.opened, shutdownTimeoutMs: 5_000 });
    await queue.add('any', 1);
    await waitFor('the job to run', () => worker.health().queues[0]?.running === 1);
    const stopping = worker.stop();
    expect(worker.stop()).toBe(stopping);
    expect(worker.state).toBe('stopping');
    gate.open();
    await stopping;
    expect(worker.state).toBe('stopped');
    expect(await queue.counts()).toMatchObject({ completed: 1, active: 0 });
    expect(await queue.workers()).toEqual([]);
    await expect(worker.start()).rejects.toThrow(ClosedError);
  });

  it('can end before it began', async () => {
    const worker = await made();
    await worker.stop();
    expect(worker.state).toBe('stopped');
    await expect(worker.start()).rejects.toThrow(ClosedError);
  });

  it('can end while it begins, and leaves nothing behind [core:B1]', async () => {
    await add(20);
    for (let afterTicks = 0; afterTicks < 30; afterTicks++) {
      const worker = await made();
      const starting = worker.start().then(
        () => 'started',
        (error: unknown) => error,
      );
      for (let tick = 0; tick < afterTicks; tick++) await new Promise((resolve) => setImmediate(resolve));
      await within('the stop', worker.stop(), 2_000);
      const outcome = await starting;
      if (outcome !== 'started') expect(ClosedError.is(outcome)).toBe(true);
      expect(await queue.workers()).toEqual([]);
      expect((await queue.counts()).active).toBe(0);
    }
    expect(log.repeated).toEqual([]);
  });

  it('gives fifty long runs back at the end of its grace, uncharged, however often it is told to stop [case:O5]', async () => {
    const worker = await harness.worker({ handler: () => gate.opened, concurrency: 50, shutdownTimeoutMs: 300 });
    await add(60);
    await waitFor('fifty to run', () => worker.health().queues[0]?.running === 50);
    const stops = [worker.stop(), worker.stop(), worker.stop({ timeoutMs: 200 })];
    await within('the stop', Promise.all(stops), 3_000);
    expect(await queue.counts()).toMatchObject({ active: 0, waiting: 60, failed: 0 });
    for (const job of (await queue.list('waiting', { limit: 60 })).jobs)
      expect(job).toMatchObject({ failures: 0, stalls: 0 });
    expect(await queue.workers()).toEqual([]);
  });

  it('waits at the stop for what runs, and takes nothing more [seed:O15] [seed:I15]', async () => {
    const worker = await harness.worker({
      handler: log.handler(() => gate.opened),
      concurrency: 3,
      shutdownTimeoutMs: 5_000,
    });
    await add(10);
    await waitFor('three to run', () => log.running === 3);
    const stopping = worker.stop();
    gate.open();
    await stopping;
    expect(log.started).toHaveLength(3);
    expect(await queue.counts()).toMatchObject({ completed: 3, waiting: 7, active: 0 });
  });

  it('aborts at the stop what runs longer than the grace, and gives it back in front, uncharged [seed:A9]', async () => {
    const signals: AbortSignal[] = [];
    const jobLog = new ConnectionLog();
    const handler = async ({ signal }: ActiveJob): Promise<void> => {
      signals.push(signal);
      await gate.opened;
    };
    const worker = await harness.worker({ handler, concurrency: 1, shutdownTimeoutMs: 100, logger: jobLog });
    const first = await queue.add('any', 1);
    await add(3);
    await waitFor('the job to run', () => signals.length === 1);
    await within('the stop', worker.stop(), 2_000);
    expect(AbortedError.is(signals[0]?.reason)).toBe(true);
    const { jobs } = await queue.list('waiting');
    expect(jobs[0]).toMatchObject({ id: first.id, failures: 0, stalls: 0 });
    expect(jobs).toHaveLength(4);
    expect(jobLog.matching(/still ran when shutdownTimeoutMs was over/)).toHaveLength(1);
    // What the handler says afterwards changes nothing.
    gate.open();
    await waitFor('the handler to settle', () => worker.health().queues[0]?.zombies === 0);
    expect((await queue.get(first.id))?.state).toBe('waiting');
  });

  it.each([
    ['at once', (signal: AbortSignal) => signal.throwIfAborted()],
    ['as fetch and timers do', () => Promise.reject(new DOMException('This operation was aborted', 'AbortError'))],
    ['some time later', () => delay(20).then(() => Promise.reject(new Error('given up')))],
  ] as const)(
    'charges nothing where the handler throws %s when the stop aborts it: no failure, no hook, the whole budget is left',
    async (_, giveUp) => {
      const told: string[] = [];
      const hook = (name: string) => () => void told.push(name);
      const names = ['onSuccess', 'onFailure', 'onTimeout', 'onPermanentFailure', 'onCancel'];
      const hooks = Object.fromEntries(names.map((name) => [name, hook(name)]));
      const handler = async ({ signal }: ActiveJob): Promise<void> => {
        told.push('began');
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        await giveUp(signal);
      };
      const worker = await harness.worker({ handler, hooks, shutdownTimeoutMs: 50, defaults: { maxAttempts: 1 } });
      const { id } = await queue.add('any', 1);
      await waitFor('the job to run', () => told.length === 1);
      await worker.stop();
      await waitFor('the handler to settle', () => worker.health().queues[0]?.zombies === 0);
      expect(await queue.get(id)).toMatchObject({ state: 'waiting', failures: 0, stalls: 0, error: undefined });
      expect(told).toEqual(['began']);
      await harness.worker({ handler: ({ attempt }) => attempt });
      expect(await queue.result(id)).toBe(1);
    },
  );

  it('leaves nothing held when the stop races its own fetches [core:B1]', async () => {
    for (let round = 0; round < 25; round++) {
      await add(60);
      const worker = await harness.worker({ handler: log.handler(), concurrency: 20, prefetch: 40 });
      for (let tick = 0; tick < round; tick++) await new Promise((resolve) => setImmediate(resolve));
      await worker.stop();
      expect((await queue.counts()).active).toBe(0);
    }
    expect(log.repeated).toEqual([]);
    const { completed, waiting } = await queue.counts();
    expect(completed + waiting).toBeGreaterThanOrEqual(1_000);
    expect(log.ended.length + waiting).toBe(25 * 60);
  });

  it('can be paused and resumed in this process alone [seed:A10]', async () => {
    const worker = await harness.worker({ handler: log.handler(() => gate.opened), concurrency: 1, prefetch: 5 });
    await add(6);
    await waitFor('five to be taken ahead', async () => (await queue.counts()).active === 6);
    worker.pause();
    expect(worker.state).toBe('paused');
    await waitFor('them to go back', async () => (await queue.counts()).waiting === 5);
    gate.open();
    await waitFor('the one that ran to end', () => log.ended.length === 1);
    expect(await queue.isPaused()).toBe(false);
    const elsewhere = new RunLog();
    const other = await harness.worker({ handler: elsewhere.handler(), connection: await harness.connect() });
    await waitFor('another worker to run them', () => elsewhere.ended.length === 5);
    await other.stop();
    worker.resume();
    expect(worker.state).toBe('running');
    await add(1);
    await waitFor('it to run again', () => log.ended.length === 2);
  });

  it('can be paused before it begins', async () => {
    const worker = await made();
    worker.pause();
    await worker.start();
    expect(worker.state).toBe('paused');
    await add(1);
    expect((await queue.counts()).waiting).toBe(1);
    worker.resume();
    await waitFor('it to run', () => log.ended.length === 1);
    await worker.stop();
  });

  it('begins when Redis comes, however long that takes; a stop ends the waiting [seed:I16]', async () => {
    const server = await RedisServer.start();
    await server.kill();
    const connection = await connect(server.url, {
      waitUntilReady: false,
      logger: silentLogger,
      commandTimeoutMs: 300,
      prefix: harness.prefix,
    });
    const settings = { connection, queues: 'mail', handler: log.handler() };
    const impatient = new Worker(settings);
    const patient = new Worker(settings);
    const refused = impatient.start().catch((error: unknown) => error);
    const starting = patient.start();
    await within('the stop', impatient.stop(), 1_000);
    expect(ClosedError.is(await refused)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(patient.state).toBe('starting');
    await server.restart();
    await within('the start', starting, 5_000);
    expect(patient.state).toBe('running');
    await patient.stop();
    await connection.close();
    await server.stop();
  });
});
