import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LeaseLostError, PayloadError, type ActiveJob, type AnyJobs, type Queue } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { Proxy } from '../support/proxy.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { Gate } from './support/gate.ts';

const AT_ONCE = { type: 'fixed', delayMs: 0 } as const;

describe('what a job writes down', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let gate: Gate;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    gate = new Gate();
  });

  afterEach(async () => {
    gate.open();
    await harness.close();
  });

  it('as a step is computed once, however many attempts follow', async () => {
    let computed = 0;
    const seen: unknown[] = [];
    const handler = async (job: ActiveJob): Promise<string> => {
      seen.push(await job.step('charge', () => ({ receipt: ++computed })));
      if (job.attempt < 3) throw new Error('not yet');
      return 'done';
    };
    await harness.worker({ handler });
    const { id } = await queue.add('any', 1, { backoff: AT_ONCE });
    expect(await queue.result(id)).toBe('done');
    expect(computed).toBe(1);
    expect(seen).toEqual([{ receipt: 1 }, { receipt: 1 }, { receipt: 1 }]);
  });

  it('as a step is computed once in one attempt too, asked for twice or at once; one that threw is tried again', async () => {
    let computed = 0;
    const handler = async (job: ActiveJob): Promise<unknown> => {
      const charge = async (): Promise<number> => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (++computed === 1) throw new Error('the first time');
        return computed;
      };
      await job.step('charge', charge).catch(() => undefined);
      const together = await Promise.all([job.step('charge', charge), job.step('charge', charge)]);
      return [...together, await job.step('charge', charge), await job.step('nothing', () => undefined)];
    };
    await harness.worker({ handler });
    const { id } = await queue.add('any', 1);
    // A list cannot have undefined in JSON: the last one says that the step without a result is one.
    await expect(queue.result(id)).rejects.toThrow('undefined');
    expect(computed).toBe(2);
  });

  it('as progress is there for the next attempt, and for everybody', async () => {
    const seen: unknown[] = [];
    const handler = async (job: ActiveJob): Promise<void> => {
      seen.push(job.progressValue);
      await job.progress({ done: job.attempt * 10 });
      if (job.attempt < 3) throw new Error('not yet');
    };
    await harness.worker({ handler });
    const { id } = await queue.add('any', 1, { backoff: AT_ONCE });
    await queue.result(id);
    expect(seen).toEqual([undefined, { done: 10 }, { done: 20 }]);
    expect((await queue.get(id))?.progressValue).toEqual({ done: 30 });
  });

  it('as a log is a list of lines over all attempts, in order, of bounded length [seed:R2, seed:Q27]', async () => {
    const handler = async (job: ActiveJob): Promise<void> => {
      await Promise.all(Array.from({ length: 3 }, (_, i) => job.log(`${job.attempt}.${i}`)));
      if (job.attempt < 2) throw new Error('not yet');
      await job.log('x'.repeat(20_000));
    };
    await harness.worker({ handler });
    const { id } = await queue.add('any', 1, { backoff: AT_ONCE });
    await queue.result(id);
    const lines = await queue.log(id);
    expect(lines.slice(0, 6)).toEqual(['1.0', '1.1', '1.2', '2.0', '2.1', '2.2']);
    expect(lines[6]).toHaveLength(10_001);
  });

  it('is bounded: a thousand lines, each of ten thousand characters, and progress of a MiB [case:P14]', async () => {
    const refusals: unknown[] = [];
    const handler = async (job: ActiveJob): Promise<void> => {
      for (let from = 0; from < 10_000; from += 500) {
        await Promise.all(Array.from({ length: 500 }, (_, i) => job.log(`${from + i}`)));
      }
      for (let n = 0; n < 2_000; n += 100) {
        await Promise.all(Array.from({ length: 100 }, (_, i) => job.progress(n + i)));
      }
      for (const value of ['x'.repeat(5_000_000), { deep: 'x'.repeat(1_048_577) }]) {
        await job.progress(value).catch((error: unknown) => refusals.push(error));
      }
    };
    await harness.worker({ handler });
    const { id } = await queue.add('any', 1, { maxAttempts: 1 });
    await queue.result(id);
    expect(refusals.map((error) => PayloadError.is(error))).toEqual([true, true]);
    const lines = await queue.log(id);
    expect(lines).toEqual(Array.from({ length: 1_000 }, (_, i) => `${i}`));
    expect((await queue.get(id))?.progressValue).toBe(1_999);
    const { client } = await harness.connection;
    expect(await client.hlen(`${harness.prefix}:{mail}:s:${id}`)).toBe(1_001);
  });

  it('is refused once the job was taken from the worker, and changes nothing', async () => {
    let job: ActiveJob | undefined;
    const handler = async (active: ActiveJob): Promise<void> => {
      job = active;
      await gate.opened;
    };
    await harness.worker({ handler });
    const { id } = await queue.add('any', 1);
    const running = await waitFor('the job to run', () => job);
    const connection = await harness.connect();
    // Heard of or not: Redis refuses it.
    await queue.cancel(id);
    for (const note of [running.progress(1), running.log('late'), running.step('late', () => 1)]) {
      expect(LeaseLostError.is(await note.catch((error: unknown) => error))).toBe(true);
    }
    expect(await queue.log(id)).toEqual([]);
    expect((await queue.get(id))?.progressValue).toBeUndefined();
    await connection.close();
  });

  it('is written once when the reply to it is lost [case:R7] [core:A13]', async () => {
    const proxy = await Proxy.start(harness.url);
    const connection = await harness.connect({ commandTimeoutMs: 400 }, proxy.url);
    const handler = async (job: ActiveJob): Promise<unknown> => {
      const cut = proxy.cutAfterExecuted((args) => args.includes('l') && args.includes('once'));
      await job.log('once');
      await within('the cut', cut);
      return job.step('step', () => 'recorded');
    };
    await harness.worker({ connection, handler });
    const { id } = await queue.add('any', 1);
    expect(await queue.result(id)).toBe('recorded');
    expect(await queue.log(id)).toEqual(['once']);
    await connection.close();
    await proxy.close();
  });
});
