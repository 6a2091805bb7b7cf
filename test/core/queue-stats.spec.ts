import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, type Connection, InvalidOptionError, type Queue, type VirtualClock } from '@millrace/core';
import { sleep } from '@millrace/core/internal';
import { waitFor } from '../support/wait-for.ts';
import { Harness } from './support/harness.ts';

const SECOND = 1_000;
const DAY = 86_400_000;

describe('statistics', () => {
  let harness: Harness;
  let clock: VirtualClock;
  let connection: Connection;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    ({ clock, connection, queue } = await harness.timed());
  });

  afterEach(() => harness.close());

  /** Jobs run as long as their data says. */
  const work = (concurrency = 100): Promise<unknown> =>
    harness.worker({
      connection,
      concurrency,
      handler: async ({ data }) => {
        await sleep(clock, data as number);
        if ((data as number) % 2 === 1) throw new Error('odd');
      },
    });

  const today = (): string => new Date(clock.now()).toISOString().slice(0, 10);

  it('have runs and waits with count, mean, deviation and histogram, by job name and for all [seed:Q24] [seed:O20]', async () => {
    await work();
    for (const ms of [10, 20, 60]) await queue.add('ship', ms, { delayMs: 2_000 });
    await queue.add('mail', 4);
    await clock.advance(5 * SECOND);
    const { run, wait, ...counts } = await queue.stats({ name: 'ship' });
    expect(counts).toMatchObject({ day: today(), completed: 3, failed: 0, failures: 0 });
    expect(run).toMatchObject({ count: 3, meanMs: 30, deviationMs: Math.sqrt(1_400 / 3) });
    expect(run.histogram.filter(({ count }) => count > 0)).toEqual([
      { upToMs: 10, count: 1 },
      { upToMs: 20, count: 1 },
      { upToMs: 100, count: 1 },
    ]);
    expect(wait).toMatchObject({ count: 3, meanMs: 0 });
    expect(await queue.stats()).toMatchObject({ completed: 4, run: { count: 4, meanMs: 23.5 } });
    expect((await queue.statsByName()).map(({ name, completed }) => [name, completed])).toEqual([
      ['mail', 1],
      ['ship', 3],
    ]);
  });

  it('measure waits from the moment in which a job is due, for first attempts only [seed:Q24]', async () => {
    await queue.add('ship', 0);
    await queue.add('ship', 0, { delayMs: 30 * SECOND });
    await queue.add('fail', 1, { maxAttempts: 2, backoff: { type: 'fixed', delayMs: 60 * SECOND } });
    await clock.advance(50 * SECOND);
    await work();
    await clock.advance(120 * SECOND);
    expect((await queue.stats({ name: 'ship' })).wait).toMatchObject({ count: 2, meanMs: 35 * SECOND });
    expect(await queue.stats({ name: 'fail' })).toMatchObject({
      wait: { count: 1, meanMs: 50 * SECOND },
      run: { count: 2 },
      retried: 1,
      failed: 1,
      failures: 2,
    });
  });

  it('lose no run that is longer than a week [seed:Q24]', async () => {
    await work();
    await queue.add('long', 8 * DAY);
    for (let day = 0; day < 9; day++) await clock.advance('1d');
    const { run } = (await queue.statsHistory(9)).find(({ completed }) => completed === 1)!;
    expect(run).toMatchObject({ count: 1, meanMs: 8 * DAY });
    expect(run.histogram.at(-1)).toEqual({ upToMs: Infinity, count: 1 });
  });

  it('count on the day on which it happened, also what a retry undoes later [seed:Q24, seed:Q26, case:T12] [seed:A30]', async () => {
    await work();
    const [first] = [today()];
    await queue.add('ship', 1, { maxAttempts: 1 });
    await queue.add('ship', 2);
    await clock.advance(2 * SECOND);
    await clock.advance('1d');
    await queue.retry({ state: 'failed' });
    await clock.advance(2 * SECOND);
    const [before, now] = await queue.statsHistory(2);
    expect(before).toMatchObject({ day: first, completed: 1, failed: 1 });
    expect(now).toMatchObject({ day: today(), completed: 0, failed: 1 });
    expect(await queue.stats({ day: first })).toEqual(before);
    expect(await queue.stats({ day: new Date(clock.now()) })).toEqual(now);
    expect(await queue.totals()).toMatchObject({ completed: 1, failed: 2 });
  });

  it('tell how much was done in each of the last minutes [seed:A30]', async () => {
    await work();
    for (const [n, data] of [
      [3, 0],
      [2, 1],
    ] as const) {
      await queue.addMany(Array.from({ length: n }, () => ({ name: 'ship', data, options: { maxAttempts: 1 } })));
      await clock.advance(60 * SECOND);
    }
    const minutes = await queue.throughput({ minutes: 3 });
    expect(minutes.map(({ completed, failed }) => [completed, failed])).toEqual([
      [3, 0],
      [0, 2],
      [0, 0],
    ]);
    const present = Math.floor(clock.now() / 60_000) * 60_000;
    expect(minutes.map(({ at }) => at.getTime())).toEqual([present - 120_000, present - 60_000, present]);
  });

  it('are kept for as many days as the live configuration says [seed:Q24, seed:A24]', async () => {
    await work();
    expect(await queue.config.set({ statsDays: 2 })).toMatchObject({ statsDays: 2 });
    for (let day = 0; day < 3; day++) {
      await queue.add('ship', 2);
      await clock.advance('1d');
    }
    await clock.advance(5 * SECOND);
    expect((await queue.statsHistory(4)).map(({ completed }) => completed)).toEqual([0, 0, 1, 0]);
    expect(await queue.totals()).toMatchObject({ completed: 3 });
  });

  it('are told to the last job when a worker stops', async () => {
    const worker = await harness.worker({ connection, handler: () => 'done' });
    await queue.addMany(Array.from({ length: 250 }, (_, n) => ({ name: `n${n}`, data: 0 })));
    await waitFor('the jobs to complete', async () => (await queue.counts()).completed === 250);
    await worker.stop();
    expect(await queue.stats()).toMatchObject({ completed: 250, run: { count: 250 }, wait: { count: 250 } });
    expect(await queue.statsByName()).toHaveLength(250);
  });

  it('cost no call a job: workers tell once a second', async () => {
    const calls = async (): Promise<number> => {
      const stats = await connection.client.info('commandstats');
      return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
    };
    await harness.worker({ connection, concurrency: 100, handler: () => 'done' });
    const before = await calls();
    for (let n = 0; n < 5; n++) {
      await queue.addMany(Array.from({ length: 1_000 }, () => ({ name: 'ship', data: 0 })));
      await clock.advance(1);
    }
    await clock.advance(3 * SECOND);
    expect((await queue.stats()).completed).toBe(5_000);
    expect((await calls()) - before).toBeLessThan(500);
  });

  it.each([[{ day: 'yesterday' }], [{ day: '2026-13-01' }], [{ day: new Date(NaN) }], [{ name: '' }], [{ days: 1 }]])(
    'are refused for %j',
    async (options) => {
      await expect(queue.stats(options as never)).rejects.toMatchObject({
        code: expect.stringMatching(/INVALID|UNKNOWN|NAME/),
      });
    },
  );

  it('are refused for more days or minutes than are kept', async () => {
    await expect(queue.statsHistory(401)).rejects.toBeInstanceOf(InvalidOptionError);
    await expect(queue.throughput({ minutes: 1_441 })).rejects.toBeInstanceOf(InvalidOptionError);
  });
});
