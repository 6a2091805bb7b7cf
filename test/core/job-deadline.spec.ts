import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ActiveJob, type AnyJobs, type Queue } from '@millrace/core';
import { Harness } from './support/harness.ts';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('the deadline of an attempt', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
  });

  afterEach(() => harness.close());

  it.each(['thread', 'main'] as const)(
    'is moved by extend, for the keeper on %s too [core:B5] [seed:Q9, seed:R2]',
    async (keeper) => {
      const handler = async (job: ActiveJob): Promise<string> => {
        for (let turn = 0; turn < 8; turn++) {
          await sleep(100);
          job.extend();
        }
        return job.signal.aborted ? 'aborted' : 'done';
      };
      await harness.worker({ handler, lease: { keeper } });
      const { id } = await queue.add('first', 1, { timeoutMs: 300, maxAttempts: 1 });
      expect(await queue.result(id)).toBe('done');
    },
  );

  it('is told by ttlMs, and absent without timeoutMs [core:B5] [seed:R2]', async () => {
    const told: (number | undefined)[] = [];
    const handler = (job: ActiveJob): void => {
      job.extend(5_000);
      told.push(job.ttlMs());
    };
    await harness.worker({ handler, concurrency: 1 });
    await queue.add('first', 1);
    const { id } = await queue.add('first', 1, { timeoutMs: 300 });
    await queue.result(id);
    expect(told[0]).toBeUndefined();
    expect(told[1]).toBeGreaterThan(4_900);
    expect(told[1]).toBeLessThanOrEqual(5_000);
  });

  it('leaves the lease of the worker as it is [core:B5]', async () => {
    const handler = (job: ActiveJob): void => job.extend(1);
    await harness.worker({ handler });
    const [before] = await queue.workers();
    const { id } = await queue.add('first', 1);
    await queue.result(id);
    const [after] = await queue.workers();
    expect(after?.epoch).toBe(before?.epoch);
    expect(after?.leaseUntil.getTime()).toBeGreaterThanOrEqual(before?.leaseUntil.getTime() ?? NaN);
  });
});
