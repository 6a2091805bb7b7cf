import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SnoozeError, UnrecoverableError, type ActiveJob, type AnyJobs, type Job, type Queue } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { waitFor } from '../support/wait-for.ts';

class BadAddressError extends Error {}

const AT_ONCE = { type: 'fixed', delayMs: 0 } as const;

describe('an attempt that throws', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let attempts: { attempt: number; failures: number; at: number }[];

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    attempts = [];
  });

  afterEach(() => harness.close());

  /** A handler that notes each attempt and then does what the test says. */
  function noting(inner: (job: ActiveJob) => unknown): (job: ActiveJob) => unknown {
    return (job) => {
      attempts.push({ attempt: job.attempt, failures: job.failures, at: performance.now() });
      return inner(job);
    };
  }

  function ended(id: string): Promise<Job> {
    return waitFor('the job to end', async () => {
      const job = await queue.get(id);
      return job?.finishedAt === undefined ? undefined : job;
    });
  }

  it('is repeated while attempts are left, and then the job has failed with the last error [seed:H6, seed:I11]', async () => {
    const handler = noting(({ attempt }) => {
      throw new Error(`no ${attempt}`);
    });
    await harness.worker({ handler });
    const { id } = await queue.add('any', 1, { maxAttempts: 3, backoff: AT_ONCE });
    const job = await ended(id);
    expect(job).toMatchObject({ state: 'failed', failures: 3, attempt: 3 });
    expect(job.error).toMatchObject({ name: 'Error', message: 'no 3' });
    expect(attempts.map(({ attempt, failures }) => [attempt, failures])).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ]);
  });

  it('is repeated after its backoff, and shows what was thrown meanwhile [seed:Q8]', async () => {
    const handler = noting(({ attempt }) => {
      if (attempt < 3) throw new Error('not yet');
      return 'done';
    });
    await harness.worker({ handler });
    const { id } = await queue.add('any', 1, { backoff: { type: 'exponential', delayMs: 300, jitter: 0 } });
    await waitFor('the first wait', async () => (await queue.get(id))?.state === 'retrying');
    expect((await queue.get(id))?.error).toMatchObject({ message: 'not yet' });
    await ended(id);
    const [first = NaN, second = NaN, third = NaN] = attempts.map(({ at }) => at);
    expect(second - first).toBeGreaterThan(295);
    expect(third - second).toBeGreaterThan(595);
    expect(await queue.result(id)).toBe('done');
  });

  it('takes the attempts and the backoff of the handler where the job says nothing', async () => {
    const run = noting(() => {
      throw new Error('no');
    });
    await harness.worker({ handlers: { any: { run, maxAttempts: 2, backoff: AT_ONCE } } });
    const plain = await queue.add('any', 1);
    expect(await ended(plain.id)).toMatchObject({ failures: 2 });
    const own = await queue.add('any', 1, { maxAttempts: 1 });
    expect(await ended(own.id)).toMatchObject({ failures: 1 });
  });

  it('with UnrecoverableError, or an error of failOn, or none of retryOn, is the last one', async () => {
    const run = noting(({ data }) => {
      if (data === 'unrecoverable') throw new UnrecoverableError('The account is closed.');
      if (data === 'address') throw new BadAddressError('Nobody lives there.');
      throw new RangeError('anything else');
    });
    await harness.worker({
      handlers: {
        any: { run, failOn: [BadAddressError] },
        picky: { run, retryOn: [TypeError] },
      },
    });
    for (const [name, data] of [
      ['any', 'unrecoverable'],
      ['any', 'address'],
      ['picky', 'else'],
    ] as const) {
      const { id } = await queue.add(name, data);
      expect(await ended(id)).toMatchObject({ state: 'failed', attempt: 1, failures: 1 });
    }
    expect(attempts).toHaveLength(3);
  });

  it('with SnoozeError is repeated after the delay and not counted [seed:R9]', async () => {
    let snoozes = 0;
    const handler = noting(() => {
      if (snoozes++ < 3) throw new SnoozeError({ delayMs: 50 });
      return 'awake';
    });
    await harness.worker({ handler });
    const { id } = await queue.add('any', 1, { maxAttempts: 1 });
    expect(await queue.result(id)).toBe('awake');
    expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1]);
    expect(await queue.get(id)).toMatchObject({ failures: 0, attempt: 1 });
  });

  it('is delayed, not retrying, while it snoozes', async () => {
    const handler = (): never => {
      throw new SnoozeError({ delayMs: 60_000 });
    };
    await harness.worker({ handler });
    const { id } = await queue.add('any', 1);
    await waitFor('it to snooze', async () => (await queue.get(id))?.state === 'delayed');
  });

  it('that isFailure does not count is repeated with a growing wait, but not for ever [nest:M7]', async () => {
    const handler = noting(() => {
      throw new Error('the partner is closed');
    });
    await harness.worker({ handler, isFailure: () => false });
    const backoff = { type: 'exponential', delayMs: 40, jitter: 0 } as const;
    const { id } = await queue.add('any', 1, { maxAttempts: 1, maxUncounted: 3, backoff });
    const job = await ended(id);
    expect(job).toMatchObject({ state: 'failed' });
    expect(job.error).toMatchObject({ code: 'UNCOUNTED_LIMIT' });
    expect(job.error?.cause).toMatchObject({ message: 'the partner is closed' });
    expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1]);
    const [first = NaN, second = NaN, third = NaN, fourth = NaN] = attempts.map(({ at }) => at);
    expect(second - first).toBeGreaterThan(38);
    expect(third - second).toBeGreaterThan(78);
    expect(fourth - third).toBeGreaterThan(158);
  });

  it('starts the uncounted tries anew once one is counted [nest:M7]', async () => {
    const counted = [false, false, true, false, false, true];
    let tries = 0;
    const handler = noting(() => {
      throw new Error(counted[tries++] === true ? 'counted' : 'uncounted');
    });
    await harness.worker({ handler, isFailure: ({ message }) => message === 'counted' });
    const { id } = await queue.add('any', 1, { maxAttempts: 2, maxUncounted: 2, backoff: AT_ONCE });
    expect(await ended(id)).toMatchObject({ state: 'failed', failures: 2 });
    expect(tries).toBe(6);
  });
});
