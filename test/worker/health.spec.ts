import { setTimeout as delay } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ClosedError, silentLogger, Worker, type HealthReport, type WorkerState } from '@millrace/core';
import { SystemClock } from '../../libs/core/src/clock/index.ts';
import { Harness } from '../core/support/harness.ts';
import { HastyClock } from '../core/support/hasty-clock.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { Gate } from './support/gate.ts';

describe('how a worker is', () => {
  let harness: Harness;

  beforeEach(() => {
    harness = new Harness();
  });

  afterEach(() => harness.close());

  it('is told again and again: Redis, leases, event loop, how far its queues are behind [seed:A11]', async () => {
    const reports: HealthReport[] = [];
    const gate = new Gate();
    const queue = await harness.queue();
    await queue.addMany([1, 2, 3].map((data) => ({ name: 'any', data })));
    await harness.worker({
      concurrency: 1,
      handler: () => gate.opened,
      health: { everyMs: 100, onCheck: (report) => void reports.push(report) },
    });
    await waitFor('two looks', () => reports.length >= 2);
    const [first] = reports;
    expect(first).toMatchObject({ isHealthy: true, problems: [], state: 'running' });
    expect(first?.redisMs).toBeLessThan(1_000);
    expect(first?.eventLoopDelayMs).toBeGreaterThanOrEqual(0);
    expect(first?.queues[0]).toMatchObject({ queue: 'mail', isLeaseGood: true, running: 1 });
    expect(first?.queues[0]?.leaseAgeMs).toBeLessThan(30_000);
    const lags = reports.map(({ queues }) => queues[0]?.lagMs ?? 0);
    expect(lags[1]).toBeGreaterThan(lags[0]!);
    gate.open();
    await waitFor('no lag', () => reports.at(-1)?.queues[0]?.lagMs === 0);
  });

  it('has an event loop that was blocked as a problem [seed:A11]', async () => {
    const reports: HealthReport[] = [];
    const queue = await harness.queue();
    await harness.worker({
      handler: () => {
        const until = performance.now() + 1_300;
        while (performance.now() < until);
      },
      health: { everyMs: 200, onCheck: (report) => void reports.push(report) },
    });
    await queue.add('any', null);
    const sick = await waitFor('it to be told', () => reports.find(({ isHealthy }) => !isHealthy));
    expect(sick.eventLoopDelayMs).toBeGreaterThan(1_000);
    expect(sick.problems).toEqual([expect.stringContaining('event loop was blocked')]);
  });

  it('is told while Redis is away, and why [seed:A11] [seed:I16]', async () => {
    const server = await RedisServer.start();
    // Two seconds are how long it waits for an answer.
    const settings = { commandTimeoutMs: 1_000, closeTimeoutMs: 200, clock: new HastyClock() };
    const connection = await harness.connect(settings, server.url);
    const reports: HealthReport[] = [];
    const worker = await harness.worker({
      connection,
      handler: () => 1,
      health: { everyMs: 500, onCheck: (report) => void reports.push(report) },
    });
    await waitFor('a look', () => reports.at(-1)?.isHealthy === true);
    await server.stop();
    const sick = await waitFor('it to be told', () => reports.find(({ isHealthy }) => !isHealthy), {
      timeoutMs: 10_000,
    });
    expect(sick.redisMs).toBeUndefined();
    expect(sick.queues[0]?.lagMs).toBeUndefined();
    expect((await worker.check()).problems[0]).toMatch(/ does not answer: (ECONNREFUSED|ECONNRESET|EPIPE)\.$/);
    await worker.stop({ timeoutMs: 0 });
    expect(await worker.check()).toMatchObject({ isHealthy: false, state: 'stopped' });
  });

  it('is bad where no job can be leased, although Redis answers all else [case:O9]', async () => {
    const queue = await harness.queue();
    const worker = await harness.worker({ handler: () => 1 });
    await queue.result((await queue.add('any', 1)).id);
    const { client } = await harness.connection;
    const ready = `${harness.prefix}:{mail}:r`;
    await client.set(ready, 'foreign');
    await waitFor('a refused call', async () => !(await worker.check()).isHealthy);
    for (let look = 0; look < 10; look++) {
      const { isHealthy, redisMs } = await worker.check();
      expect([isHealthy, redisMs === undefined]).toEqual([false, false]);
      await delay(50);
    }
    await client.del(ready);
    await waitFor('it to be well', async () => (await worker.check()).isHealthy);
  });

  it('is bad where its loop has not asked for jobs for long, although its lease is kept [case:O9]', async () => {
    class Ahead extends SystemClock {
      ms = 0;
      override now(): number {
        return super.now() + this.ms;
      }
    }
    const clock = new Ahead();
    const connection = await harness.connect({ clock });
    const worker = await harness.worker({ connection, handler: () => 1, lease: { durationMs: 600 } });
    expect((await worker.check()).isHealthy).toBe(true);
    // By this clock it has not asked for twenty seconds, which its next question ends; its lease is renewed before.
    const sick = await waitFor('it to be told', async () => {
      clock.ms += (await worker.check()).isHealthy ? 20_000 : 0;
      const report = await worker.check();
      return report.queues[0]?.isLeaseGood === true && !report.isHealthy ? report : undefined;
    });
    expect(sick.redisMs).toBeDefined();
    // Twice or three times twenty, where its question was on its way when the clock went on.
    expect(sick.problems).toEqual([
      expect.stringMatching(/^Queue "mail" was asked for jobs with success [246]0 s ago for the last time\.$/),
    ]);
    await waitFor('it to be well', async () => (await worker.check()).isHealthy);
  });

  it('may be asked for, once [seed:A11]', async () => {
    const worker = await harness.worker({ handler: () => 1 });
    const report = await worker.check();
    expect(report).toMatchObject({ isHealthy: true, state: 'running' });
    expect(report.eventLoopDelayMs).toBeUndefined();
    expect(report.queues[0]?.lagMs).toBe(0);
  });

  it('changes from state to state, of which it tells; what the listener throws is logged [seed:A10] [seed:A19]', async () => {
    const states: WorkerState[] = [];
    const errors: string[] = [];
    const worker = await harness.worker({
      handler: () => 1,
      logger: { ...silentLogger, error: (message) => void errors.push(message) },
      health: {
        onState: (state) => {
          states.push(state);
          if (state === 'paused') throw new Error('no');
        },
      },
    });
    worker.pause();
    worker.resume();
    await worker.stop();
    expect(states).toEqual(['starting', 'running', 'paused', 'running', 'stopping', 'stopped']);
    expect(errors).toEqual([expect.stringContaining('health.onState threw: no')]);
    await expect(worker.start()).rejects.toThrow(ClosedError);
  });

  it('waits for a random part of startJitterMs before it begins; a stop does not wait for that [seed:R6] [seed:I7]', async () => {
    const connection = await harness.connection;
    const worker = new Worker({ connection, queues: 'mail', handler: () => 1, startJitterMs: 3_600_000 });
    const starting = worker.start();
    const outcome = expect(starting).rejects.toThrow(ClosedError);
    await delay(50);
    expect(worker.state).toBe('starting');
    await within('it to stop', worker.stop(), 5_000);
    await outcome;
    const soon = await harness.worker({ handler: () => 1, startJitterMs: 20 });
    expect(soon.state).toBe('running');
  });

  it('a second stop with a timeout ends the waiting of the first [seed:I15] [seed:R7]', async () => {
    const queue = await harness.queue();
    const gate = new Gate();
    const worker = await harness.worker({ handler: () => gate.opened, shutdownTimeoutMs: 60_000 });
    await queue.add('any', null);
    await waitFor('it to run', async () => (await queue.counts()).active === 1);
    const stopping = worker.stop();
    await delay(50);
    expect(worker.state).toBe('stopping');
    await within('it to end', worker.stop({ timeoutMs: 0 }), 5_000);
    await stopping;
    gate.open();
    expect(await queue.counts()).toMatchObject({ waiting: 1, active: 0 });
  });
});
