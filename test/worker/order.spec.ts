import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ActiveJob, type AnyJobs, type Queue } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from './support/gate.ts';
import { RunLog } from './support/run-log.ts';

describe('the order in which a worker runs jobs', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let log: RunLog;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    log = new RunLog();
  });

  afterEach(() => harness.close());

  async function drained(): Promise<void> {
    await waitFor('the queue to be empty', async () => {
      const { waiting, active } = await queue.counts();
      return waiting + active === 0;
    });
  }

  function draft(data: number, priority?: number): { name: string; data: number; options: object } {
    return { name: 'any', data, options: priority === undefined ? {} : { priority } };
  }

  it('is the order of adding [seed:H2]', async () => {
    const jobs = await queue.addMany(Array.from({ length: 500 }, (_, i) => draft(i)));
    await harness.worker({ handler: log.handler(), concurrency: 1 });
    await drained();
    expect(log.started).toEqual(jobs.map(({ id }) => id));
  });

  it('is that of priorities, and of adding within one, above and below the jobs without [core:B7] [seed:I3, seed:O4] [seed:Q3]', async () => {
    const priorities = [0, -5, 7, 0, 1_000, 7, -5, 0, -1_000, 1_000];
    const jobs = await queue.addMany(priorities.map((priority, i) => draft(i, priority)));
    await harness.worker({ handler: log.handler(), concurrency: 1 });
    await drained();
    const expected = [4, 9, 2, 5, 0, 3, 7, 1, 6, 8].map((i) => jobs[i]?.id);
    expect(log.started).toEqual(expected);
  });

  it('lets an urgent job pass what was taken ahead of it [core:B7] [core:B8]', async () => {
    const gate = new Gate();
    const slow = async (job: ActiveJob): Promise<void> => {
      if (job.data === -1) await gate.opened;
    };
    // It hears of the first priority with an answer, which is a renewal where nothing else is asked.
    await harness.worker({ handler: log.handler(slow), concurrency: 1, prefetch: 20, lease: { durationMs: 900 } });
    await queue.add('any', -1);
    await waitFor('the first job to run', () => log.running === 1);
    await queue.addMany(Array.from({ length: 10 }, (_, i) => draft(i)));
    await waitFor('jobs to be taken ahead', async () => (await queue.counts()).active === 11);
    const urgent = await queue.add('any', 100, { priority: 1 });
    // The urgent one may be held already: it comes first there.
    await waitFor('what was taken ahead to go back', async () => (await queue.counts()).active <= 2);
    gate.open();
    await drained();
    expect(log.started[1]).toBe(urgent.id);
    expect(log.started).toHaveLength(12);
  });

  it('puts what a worker gives back in front, in the same order [core:B7]', async () => {
    const gate = new Gate();
    const hold = log.handler(() => gate.opened);
    const first = await harness.worker({ handler: hold, concurrency: 1, prefetch: 4, shutdownTimeoutMs: 0 });
    const jobs = await queue.addMany(Array.from({ length: 10 }, (_, i) => draft(i)));
    await waitFor('jobs to be taken ahead', async () => (await queue.counts()).active === 5);
    await first.stop();
    const second = new RunLog();
    await harness.worker({ handler: second.handler(), concurrency: 1 });
    await drained();
    gate.open();
    expect(second.started).toEqual(jobs.map(({ id }) => id));
  });
});
