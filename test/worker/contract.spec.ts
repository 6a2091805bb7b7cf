import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ActiveJob, AnyJobs, Queue } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { waitFor } from '../support/wait-for.ts';

describe('what is agreed between a worker and its handlers', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
  });

  afterEach(() => harness.close());

  it('a handler knows its job, its attempt and its queue, and can tell results on the way [seed:A23] [seed:R5] [seed:H1]', async () => {
    const seen: unknown[] = [];
    await harness.worker({
      defaults: { maxAttempts: 3, backoff: { type: 'fixed', delayMs: 1 } },
      handler: async (job) => {
        const { id, name, queue: of, data, attempt, maxAttempts, failures } = job;
        seen.push({ id, name, of, data, attempt, maxAttempts, failures });
        await job.progress({ half: attempt });
        if (attempt === 1) throw new Error('no');
        return 'whole';
      },
    });
    const { id } = await queue.add('welcome', { n: 1 });
    expect(await queue.result(id)).toBe('whole');
    const known = { id, name: 'welcome', of: 'mail', data: { n: 1 }, maxAttempts: 3 };
    expect(seen).toEqual([
      { ...known, attempt: 1, failures: 0 },
      { ...known, attempt: 2, failures: 1 },
    ]);
    expect((await queue.get(id))?.progressValue).toEqual({ half: 2 });
  });

  it('what it throws, or returns, ends the attempt; a name without handler fails nothing [seed:R5] [seed:H6] [seed:A22] [seed:H5]', async () => {
    await harness.worker({
      defaults: { maxAttempts: 1 },
      handlers: { returns: () => undefined, throws: () => Promise.reject(new RangeError('x'.repeat(20_000))) },
    });
    const [returns, throws, unknown] = await queue.addMany(
      ['returns', 'throws', 'unknown'].map((name) => ({ name, data: null })),
    );
    await waitFor('both ends', async () => {
      const { completed, failed } = await queue.counts();
      return completed + failed === 2;
    });
    expect(await queue.get(returns!.id)).toMatchObject({ state: 'completed' });
    const failed = await queue.get(throws!.id);
    expect(failed).toMatchObject({ state: 'failed', error: { name: 'RangeError' } });
    expect(failed!.error!.message.length).toBeLessThanOrEqual(10_100);
    expect(failed!.error!.stack).toContain('contract.spec');
    await waitFor('the other one to wait for its handler', async () => (await queue.unclaimed()).length === 1);
    expect(await queue.get(unknown!.id)).toMatchObject({ state: 'waiting', failures: 0 });
  });

  it('a queue, a handler and a job say their options, the nearer the stronger [seed:R4] [seed:A25]', async () => {
    const defaulted = await harness.queue('mail', { defaults: { maxAttempts: 2, timeoutMs: 60_000 } });
    const seen = new Map<string, number>();
    const note = (job: ActiveJob): void => void seen.set(job.name, job.maxAttempts);
    await harness.worker({
      handlers: { ofQueue: note, ofHandler: { run: note, maxAttempts: 3 }, ofJob: { run: note, maxAttempts: 3 } },
    });
    for (const name of ['ofQueue', 'ofHandler']) await defaulted.result((await defaulted.add(name, 1)).id);
    await defaulted.result((await defaulted.add('ofJob', 1, { maxAttempts: 4 })).id);
    expect(Object.fromEntries(seen)).toEqual({ ofQueue: 2, ofHandler: 3, ofJob: 4 });
  });
});
