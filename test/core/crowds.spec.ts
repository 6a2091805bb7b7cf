import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyJobs, Connection, Queue, VirtualClock } from '@millrace/core';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from '../worker/support/gate.ts';
import { CommandCount } from './support/command-count.ts';
import { Harness } from './support/harness.ts';

const YEAR_MS = 365 * 24 * 3_600_000;

/** Many who ask little, and few who ask much: at a size that each run can bear, which stands in the titles. */
describe('a crowd', () => {
  let harness: Harness;
  let clock: VirtualClock;
  let connection: Connection;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    ({ clock, connection, queue } = await harness.timed());
  });

  afterEach(() => harness.close());

  /** How many scripts a stretch of time costs Redis. */
  async function callsWithin(seconds: number, stepMs: number): Promise<number> {
    const count = await CommandCount.start(harness.url);
    for (let ms = 0; ms < seconds * 1_000; ms += stepMs) await clock.advance(stepMs);
    return count.ofScripts();
  }

  const drafts = (count: number, options = {}) =>
    Array.from({ length: count }, (_, data) => ({ name: 'any', data, options }));

  it('of twenty idle workers asks as rarely beside ten thousand jobs of next year as beside none [case:L3]', async () => {
    for (let n = 0; n < 20; n++) await harness.worker({ connection, handler: () => 1 });
    const alone = await callsWithin(6, 500);
    await queue.addMany(drafts(10_000, { delayMs: YEAR_MS }));
    const beside = await callsWithin(6, 500);
    // Each asks for jobs every one to two seconds, and looks after the queue every second.
    expect(beside).toBeLessThan(20 * 6 * 2);
    expect(beside).toBeLessThan(1.2 * alone + 20);
  });

  it('of fifty workers that run five hundred jobs asks no more often than while it was idle: what is renewed are leases of workers [case:L5]', async () => {
    const gate = new Gate();
    const handler = (): Promise<void> => gate.opened;
    for (let n = 0; n < 50; n++) await harness.worker({ connection, handler, concurrency: 10, prefetch: 0 });
    const idle = await callsWithin(10, 1_000);
    await queue.addMany(drafts(500));
    await waitFor('all to run', async () => (await queue.counts()).active === 500);
    const busy = await callsWithin(10, 1_000);
    gate.open();
    expect(busy).toBeLessThan(1.1 * idle);
    await waitFor('all to end', async () => (await queue.counts()).active === 0);
  });

  it('of fifty thousand jobs that are added at once goes in a few large calls, of which two are out at a time [case:L13]', async () => {
    const sole = await harness.connect();
    const own = await harness.queue('mail', { connection: sole });
    await own.counts();
    const count = await CommandCount.start(harness.url);
    const { commandQueue } = sole.client as unknown as { commandQueue: { readonly length: number } };
    let most = 0;
    const looking = setInterval(() => (most = Math.max(most, commandQueue.length)), 1);
    const ids = await Promise.all(drafts(50_000).map(({ name, data }) => own.add(name, data)));
    clearInterval(looking);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(2);
    expect(await count.ofScripts()).toBeLessThan(50_000 / 100);
    expect(new Set(ids.map(({ id }) => id)).size).toBe(50_000);
    expect((await own.counts()).waiting).toBe(50_000);
  });
});
