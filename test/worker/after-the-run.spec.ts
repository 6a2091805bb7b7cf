import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LeaseLostError, type ActiveJob, type AnyJobs, type Queue } from '@millrace/core';
import { dumpKeys } from '../lua/support/dump.js';
import { Harness } from '../core/support/harness.ts';
import { Child } from '../support/child.ts';
import { waitFor } from '../support/wait-for.ts';

describe('a job after its run', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
  });

  afterEach(() => harness.close());

  /** All of the queue but what time alone changes. */
  async function stored(): Promise<string> {
    const { client } = await harness.connection;
    const keys = await dumpKeys(client as never, `${harness.prefix}:{mail}`);
    return JSON.stringify(Object.entries(keys).filter(([key]) => /^:(j|m|o|e|s:.*|r|d|t|fc|x|f:.*)$/.test(key)));
  }

  it.each([
    ['completed', (): string => 'done'],
    [
      'failed',
      (): never => {
        throw new Error('no');
      },
    ],
  ])('that has %s refuses by name what is still said, and nothing changes [case:A11]', async (state, end) => {
    const kept: ActiveJob[] = [];
    await harness.worker({
      handler: async (job) => {
        kept.push(job);
        await job.log('in time');
        return end();
      },
    });
    const { id } = await queue.add('any', { a: 1 }, { maxAttempts: 1, timeoutMs: 60_000 });
    await waitFor('its end', async () => (await queue.get(id))?.state === state);
    const [job] = kept as [ActiveJob];
    const before = await stored();
    const late = [job.progress(1), job.log('late'), job.step('late', () => 1), job.checkpoint({ a: 2 })];
    for (const result of await Promise.allSettled(late)) {
      expect(LeaseLostError.is((result as PromiseRejectedResult).reason)).toBe(true);
    }
    job.extend(1);
    expect([job.id, job.name, job.data, job.signal.aborted]).toEqual([id, 'any', { a: 1 }, false]);
    expect(await stored()).toBe(before);
    expect(await queue.get(id)).toMatchObject({ state });
  });

  it('is not blamed for a promise that it left behind, and neither is the job that runs then [case:A12]', async () => {
    const program = new URL('./programs/detached.ts', import.meta.url);
    const child = await Child.start(program, { args: [harness.url, harness.prefix] });
    const said = await child.message<{ type: string }>({ type: 'over' });
    expect(said).toEqual({
      type: 'over',
      unhandled: ['left by first'],
      results: ['done', 'fine'],
      ends: [
        ['completed', 0, null],
        ['completed', 0, null],
      ],
    });
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });
});
