import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { batch, type AnyJobs, type Queue } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { Dice } from '../faults/support/fleet/dice.ts';
import { waitFor } from '../support/wait-for.ts';

const JOBS = 600;

describe('batches among several workers', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
  });

  afterEach(() => harness.close());

  it('have each job once, together with those of its key only, and never too many [seed:A13]', async () => {
    const dice = Dice.fromEnvironment('MILLRACE_BATCH_SEED');
    const runs: { key: string; ids: string[] }[] = [];
    for (const concurrency of [1, 3, 10]) {
      const settings = { maxSize: 7, graceMs: 5 + dice.below(20), key: ({ key }: { key: string }) => key };
      const together = batch<{ key: string }>(settings, async (jobs) => {
        runs.push({ key: [...new Set(jobs.map(({ data }) => data.key))].join(' '), ids: jobs.map(({ id }) => id) });
        await new Promise((resolve) => setTimeout(resolve, dice.below(5)));
      });
      const connection = await harness.connect();
      await harness.worker({ connection, concurrency, handlers: { together } });
    }
    const ids = new Set<string>();
    while (ids.size < JOBS) {
      const drafts = Array.from({ length: 1 + dice.below(40) }, () => ({
        name: 'together',
        data: { key: `k${dice.below(5)}` },
      }));
      for (const { id } of await queue.addMany(drafts)) ids.add(id);
      await new Promise((resolve) => setTimeout(resolve, dice.below(10)));
    }
    await waitFor(`all to end (${dice.toString()})`, async () => (await queue.counts()).completed === ids.size);
    const ran = runs.flatMap((run) => run.ids);
    expect([dice.toString(), ran.length, new Set(ran)]).toEqual([dice.toString(), ids.size, ids]);
    expect(runs.filter(({ key, ids: together }) => key.includes(' ') || together.length > 7)).toEqual([]);
    // Else nothing was put together.
    expect(runs.length).toBeLessThan(ids.size / 2);
  });

  it('hold a thousand jobs, more than the worker has places for without them [seed:A13]', async () => {
    const sizes: number[] = [];
    const together = batch({ maxSize: 1_000, graceMs: 60_000 }, (jobs) => void sizes.push(jobs.length));
    await harness.worker({ concurrency: 1, handlers: { together } });
    await queue.addMany(Array.from({ length: 3_000 }, (_, data) => ({ name: 'together', data })));
    await waitFor('all to run', () => sizes.length === 3);
    expect(sizes).toEqual([1_000, 1_000, 1_000]);
  });

  it('are run one by one by a worker whose handler takes single jobs, however many come at once', async () => {
    const together = batch({ maxSize: 1_000, graceMs: 3_600_000 }, () => undefined);
    const old = await harness.worker({ handlers: { together } });
    await queue.addMany(Array.from({ length: 900 }, (_, data) => ({ name: 'together', data })));
    await waitFor('all to wait', async () => (await queue.counts()).aggregating === 900);
    await old.stop();
    let runs = 0;
    await harness.worker({ concurrency: 1, prefetch: 0, handlers: { together: () => void runs++ } });
    expect(await queue.batches.flush('together')).toBe(1);
    await waitFor('all to end', async () => (await queue.counts()).completed === 900);
    expect(runs).toBe(900);
  });
});
