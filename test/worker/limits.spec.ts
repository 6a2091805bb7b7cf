import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, type Connection, type Queue } from '@millrace/core';
import { sleep } from '@millrace/core/internal';
import { Harness } from '../core/support/harness.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from './support/gate.ts';
import { RunLog } from './support/run-log.ts';

const SECOND = 1_000;

describe('a limit over all workers of a queue', () => {
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

  const add = (count: number): Promise<unknown> =>
    queue.addMany(Array.from({ length: count }, (_, data) => ({ name: 'any', data })));

  it('of concurrency is never passed, and always used to the full [seed:Q3] [seed:I10]', async () => {
    await queue.config.set({ concurrency: 7 });
    for (let n = 0; n < 4; n++) await harness.worker({ handler: log.handler(() => gate.opened), concurrency: 5 });
    await add(200);
    await waitFor('seven to run', () => log.running === 7);
    expect((await queue.counts()).active).toBe(7);
    gate.open();
    await waitFor('all to end', () => log.ended.length === 200);
    expect([log.peak, log.repeated]).toEqual([7, []]);
  });

  it('is not used up by jobs that are taken ahead: a worker holds what it runs [core:B8]', async () => {
    const busy = await harness.worker({ handler: log.handler(() => gate.opened), concurrency: 1, prefetch: 50 });
    await add(10);
    await waitFor('jobs to be taken ahead', async () => (await queue.counts()).active === 10);
    await queue.config.set({ concurrency: 2 });
    await waitFor('them to be given back', async () => (await queue.counts()).active === 1, { timeoutMs: SECOND });
    expect(busy.health().queues[0]?.buffered).toBe(0);
    const other = new RunLog();
    await harness.worker({ handler: other.handler(), concurrency: 5 });
    await waitFor('another worker to run the rest', () => other.ended.length === 9);
    expect(other.peak).toBe(1);
  });

  it('that is raised or lowered while jobs run is obeyed within a second [seed:Q29]', async () => {
    await queue.config.set({ concurrency: 1 });
    const holds: (() => void)[] = [];
    const handler = log.handler(() => new Promise<void>((resolve) => holds.push(resolve)));
    for (let n = 0; n < 2; n++) await harness.worker({ handler, concurrency: 10, prefetch: 0 });
    await add(30);
    await waitFor('one to run', () => log.running === 1);
    await queue.config.set({ concurrency: 6 });
    await waitFor('six to run', () => log.running === 6, { timeoutMs: SECOND });
    await queue.config.set({ concurrency: 2 });
    for (let left = 5; left >= 2; left--) {
      holds.shift()?.();
      await waitFor(`${left} to run`, async () => (await queue.counts()).active === left);
    }
    expect(log.started).toHaveLength(6);
    holds.shift()?.();
    await waitFor('another to start', () => log.started.length === 7);
    await queue.config.unset('concurrency');
    await waitFor('as many as the workers can', () => log.running === 20, { timeoutMs: SECOND });
    const finish = setInterval(() => holds.splice(0).forEach((go) => go()), 1);
    await waitFor('all to end', () => log.ended.length === 30);
    clearInterval(finish);
  });

  it('does not lose a place to a job that is cancelled, or to a worker that stops', async () => {
    await queue.config.set({ concurrency: 2 });
    const stopping = await harness.worker({ handler: log.handler(() => gate.opened), concurrency: 5 });
    await add(6);
    await waitFor('two to run', () => log.running === 2);
    await queue.cancel(log.started[0] ?? '');
    await waitFor('the next to start', () => log.started.length === 3);
    await stopping.stop();
    await harness.worker({ handler: () => 'done', concurrency: 5 });
    await waitFor('the rest to end', async () => (await queue.counts()).completed === 5);
  });
});

describe('a rate over all workers of a queue', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;

  beforeEach(() => {
    harness = new Harness();
  });

  afterEach(() => harness.close());

  it('lets jobs start at exactly their times, in virtual time [seed:Q31] [seed:A36]', async () => {
    const clock = harness.virtualClock();
    const connection: Connection = await harness.connect({ clock });
    queue = await harness.queue('mail', { connection });
    await queue.config.set({ rateLimit: { max: 3, perMs: SECOND } });
    const began = clock.now();
    const starts: number[] = [];
    const handler = (): void => void starts.push(clock.now() - began);
    for (let n = 0; n < 3; n++) await harness.worker({ connection, handler, concurrency: 4 });
    await queue.addMany(Array.from({ length: 10 }, () => ({ name: 'any', data: 1 })));
    await clock.advance(2_500);
    expect(starts).toEqual([0, 0, 0, SECOND, SECOND, SECOND, 2 * SECOND, 2 * SECOND, 2 * SECOND]);
    await queue.config.set({ rateLimit: { max: 1, perMs: 60_000 } });
    await clock.advance(60_000);
    expect(starts.slice(9)).toEqual([62 * SECOND]);
  });

  it('is kept when many workers ask at once at the edge of a window [case:X15]', async () => {
    queue = await harness.queue();
    await queue.config.set({ rateLimit: { max: 20, perMs: 300 } });
    const starts: number[] = [];
    const handler = async (): Promise<void> => {
      starts.push(performance.now());
      await sleep((await harness.connection).clock, 1);
    };
    for (let n = 0; n < 8; n++) await harness.worker({ handler, concurrency: 10 });
    await queue.addMany(Array.from({ length: 100 }, () => ({ name: 'any', data: 1 })));
    await waitFor('all to start', () => starts.length === 100);
    // Of the twenty-first after any start it is sure that it was leased a window later; a start follows within moments.
    const spans = starts.slice(20).map((at, i) => at - starts[i]!);
    expect(Math.min(...spans)).toBeGreaterThan(200);
  });
});
