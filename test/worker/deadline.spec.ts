import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { JobTimeoutError, LeaseLostError, type ActiveJob, type AnyJobs, type Queue } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from './support/gate.ts';

const AT_ONCE = { type: 'fixed', delayMs: 0 } as const;

describe('an attempt that passes its deadline', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let gate: Gate;
  let attempts: ActiveJob[];

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    gate = new Gate();
    attempts = [];
  });

  afterEach(async () => {
    gate.open();
    await harness.close();
  });

  async function deaf(job: ActiveJob): Promise<string> {
    attempts.push(job);
    await gate.opened;
    return 'too late';
  }

  function state(id: string): Promise<string | undefined> {
    return queue.get(id).then((job) => job?.state);
  }

  it('is aborted and repeated while attempts are left; then the job has timed out [seed:O9] [seed:H10, seed:A25] [case:A10]', async () => {
    const worker = await harness.worker({ handler: deaf, concurrency: 1 });
    const { id } = await queue.add('any', 1, { timeoutMs: 60, maxAttempts: 3, backoff: AT_ONCE });
    await waitFor('the end', async () => (await state(id)) === 'timed_out');
    expect(attempts).toHaveLength(3);
    for (const { signal } of attempts) expect(JobTimeoutError.is(signal.reason)).toBe(true);
    expect(await queue.get(id)).toMatchObject({ failures: 3, attempt: 3, error: { kind: 'timeout' } });
    // Their handlers go on, without the slot; what they return counts no more.
    expect(worker.health().queues[0]).toMatchObject({ running: 0, zombies: 3 });
    gate.open();
    await waitFor('the handlers to settle', () => worker.health().queues[0]?.zombies === 0);
    expect(await queue.get(id)).toMatchObject({ state: 'timed_out', result: undefined });
  });

  it('can note nothing any more', async () => {
    let refusal: unknown;
    const handler = async (job: ActiveJob): Promise<void> => {
      attempts.push(job);
      await gate.opened;
      await job.progress(50).catch((error: unknown) => (refusal = error));
    };
    await harness.worker({ handler });
    const { id } = await queue.add('any', 1, { timeoutMs: 50, maxAttempts: 1 });
    await waitFor('the end', async () => (await state(id)) === 'timed_out');
    gate.open();
    await waitFor('the refusal', () => refusal);
    expect(LeaseLostError.is(refusal)).toBe(true);
    expect((await queue.get(id))?.progressValue).toBeUndefined();
  });

  it('has run for as long as its deadline was away, moved or not [core:B5]', async () => {
    const handler = (job: ActiveJob): Promise<string> => {
      job.extend(250);
      return deaf(job);
    };
    await harness.worker({ handler });
    const { id } = await queue.add('any', 1, { timeoutMs: 50, maxAttempts: 1 });
    await waitFor('the end', async () => (await state(id)) === 'timed_out');
    const { durationMs } = (await queue.get(id)) ?? {};
    expect(durationMs).toBeGreaterThanOrEqual(249);
    expect(durationMs).toBeLessThan(1_000);
  });

  it('ended just before it is no timeout', async () => {
    await harness.worker({ handler: () => 'in time' });
    const jobs = await queue.addMany(
      Array.from({ length: 200 }, (_, data) => ({ name: 'any', data, options: { timeoutMs: 5_000, maxAttempts: 1 } })),
    );
    await Promise.all(jobs.map(({ id }) => queue.result(id)));
    expect(await queue.counts()).toMatchObject({ completed: 200, timed_out: 0 });
  });
});

describe('a job that waits too long', () => {
  let harness: Harness;

  beforeEach(() => {
    harness = new Harness();
  });

  afterEach(() => harness.close());

  it('is cancelled instead of being started once expiresInMs is over, and one that started in time runs on [seed:A25]', async () => {
    const clock = harness.virtualClock();
    const connection = await harness.connect({ clock });
    const queue = await harness.queue('mail', { connection });
    const ran: unknown[] = [];
    const handler = async ({ data }: ActiveJob): Promise<void> => {
      ran.push(data);
      if (data === 'slow') await new Promise<void>((resolve) => clock.setTimer(7_200_000, resolve));
    };
    const worker = await harness.worker({ connection, handler });
    const slow = await queue.add('any', 'slow', { expiresInMs: 3_600_000 });
    await clock.advance(1);
    worker.pause();
    const [late, free] = await queue.addMany([
      { name: 'any', data: 'late', options: { expiresInMs: 3_600_000 } },
      { name: 'any', data: 'free' },
    ]);
    await clock.advance(3_600_000);
    worker.resume();
    await clock.advance('2h');
    expect(ran).toEqual(['slow', 'free']);
    expect(await queue.get(late!.id)).toMatchObject({ state: 'cancelled', error: { kind: 'expired' } });
    expect(await queue.get(slow.id)).toMatchObject({ state: 'completed' });
    expect(await queue.get(free!.id)).toMatchObject({ state: 'completed' });
  });
});
