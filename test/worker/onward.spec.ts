import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type ActiveJob,
  type AnyJobs,
  CrossSlotError,
  JobConflictError,
  listQueues,
  type Queue,
  silentLogger,
} from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { waitFor } from '../support/wait-for.ts';

const REFS = ['orders', 'bills'].map((name) => ({ name, slot: 'shop' }));

describe('what goes on when a job ends', () => {
  let harness: Harness;
  let orders: Queue<AnyJobs>;
  let bills: Queue<AnyJobs>;
  let heard: unknown[];

  beforeEach(async () => {
    heard = [];
    harness = new Harness();
    orders = await harness.queue('orders', { slot: 'shop' });
    bills = await harness.queue('bills', { slot: 'shop' });
  });

  afterEach(() => harness.close());

  const work = (handler: (job: ActiveJob) => unknown): Promise<unknown> =>
    harness.worker({
      queues: REFS,
      handler,
      hooks: { onSuccess: (run, result) => void heard.push([run.queue, result]) },
    });

  it('a job moves through queues, by one id, each with all attempts; who waits gets the result [seed:Q5]', async () => {
    const ran: unknown[] = [];
    const { id } = await orders.add('order', { n: 1 }, { maxAttempts: 2, backoff: { type: 'fixed', delayMs: 0 } });
    const result = orders.result(id);
    await work((job) => {
      ran.push([job.queue, job.name, job.attempt, job.data]);
      if (job.attempt === 1) throw new Error('once');
      return job.queue === 'orders' ? job.moveTo('bills', { n: 2 }, { name: 'bill', priority: 1 }) : 'paid';
    });
    expect(await result).toBe('paid');
    expect(ran).toEqual([
      ['orders', 'order', 1, { n: 1 }],
      ['orders', 'order', 2, { n: 1 }],
      ['bills', 'bill', 1, { n: 2 }],
      ['bills', 'bill', 2, { n: 2 }],
    ]);
    expect(await orders.get(id)).toBeUndefined();
    await waitFor('hooks', () => heard.length === 2);
    expect(heard).toEqual([
      ['orders', undefined],
      ['bills', 'paid'],
    ]);
  });

  it('a job completes and another one follows, elsewhere or here, with options of its own [seed:Q5]', async () => {
    const done: unknown[] = [];
    const { id } = await orders.add('order', 21);
    await work((job) => {
      if (job.name === 'order')
        return job.completeWith((job.data as number) * 2, {
          queue: 'bills',
          name: 'bill',
          data: 'b',
          options: { tags: ['x'], priority: 4 },
        });
      done.push([job.queue, job.name, job.data, job.tags, job.priority]);
      if (job.name === 'bill') return job.completeWith(undefined, { name: 'mail' });
      return undefined;
    });
    expect(await orders.result(id)).toBe(42);
    await waitFor('those that follow', () => done.length === 2);
    expect(done).toEqual([
      ['bills', 'bill', 'b', ['x'], 4],
      ['bills', 'mail', undefined, [], 0],
    ]);
    expect(heard[0]).toEqual(['orders', 42]);
  });

  it('into another slot fails the attempt with a sentence that says how to get it [core:A21]', async () => {
    const lone = await harness.queue('lone');
    await lone.add('x', 1, { id: 'x', maxAttempts: 1 });
    await harness.worker({ queues: 'lone', handler: (job) => job.completeWith(1, { queue: 'bills', name: 'y' }) });
    await expect(lone.result('x')).rejects.toThrow(/CrossSlotError.*Declare both with the same slot/);
    await (await harness.queue('mail')).counts();
    const { id } = await orders.add('order', 1, { maxAttempts: 1 });
    await work((job) => job.moveTo('mail'));
    await expect(orders.result(id)).rejects.toThrow(/CrossSlotError/);
  });

  it('to a queue that nobody has declared fails the attempt, and makes none [core:A21]', async () => {
    const { id } = await orders.add('order', 1, { maxAttempts: 1 });
    const next = await orders.add('next', 1, { maxAttempts: 1 });
    await work((job) =>
      job.name === 'order' ? job.moveTo('bils') : job.completeWith(1, { queue: 'bils', name: 'y' }),
    );
    await expect(orders.result(id)).rejects.toThrow(/QueueNotFoundError.*no queue "bils"/);
    await expect(orders.result(next.id)).rejects.toThrow(/QueueNotFoundError/);
    expect((await listQueues(await harness.connection)).map(({ name }) => name)).toEqual(['bills', 'orders']);
  });

  it('whose id is taken there has failed: so say hooks, logs and statistics [nest:M1]', async () => {
    await bills.add('bill', 1, { id: 'x', delayMs: 3_600_000 });
    const { id } = await orders.add('order', 1, { id: 'x' });
    const told: unknown[] = [];
    const lines: string[] = [];
    const worker = await harness.worker({
      queues: [REFS[0]!],
      handler: (job) => job.moveTo('bills'),
      hooks: {
        onSuccess: () => void told.push('success'),
        onFailure: (_, error, { willRetry }) => void told.push([error, willRetry]),
        onPermanentFailure: (run, error, { state }) => void told.push([run.id, error, state]),
      },
      logger: { ...silentLogger, info: (line) => void lines.push(line), error: (line) => void lines.push(line) },
      logEvents: { 'job.success': 'info', 'job.permanent-failure': 'error' },
    });
    await expect(orders.result(id)).rejects.toThrow(/JobConflictError/);
    await waitFor('the hooks', () => told.length === 2);
    const [[error]] = told as [[unknown]];
    expect(JobConflictError.is(error) && [error.queue, error.jobId]).toEqual(['bills', 'x']);
    expect(told).toEqual([
      [error, false],
      ['x', error, 'failed'],
    ]);
    await worker.stop();
    expect(lines.filter((line) => line.startsWith('Job'))).toEqual([
      expect.stringMatching(/orders\/x .* ended as failed/),
    ]);
    expect(await orders.stats()).toMatchObject({ completed: 0, failed: 1, run: { count: 1 } });
  });

  it('whose queue is gone by then has failed: so says the only hook that there is', async () => {
    await orders.add('order', 1, { id: 'y' });
    const errors: Error[] = [];
    await harness.worker({
      queues: [REFS[0]!],
      handler: async (job) => {
        await bills.counts();
        const next = await job.completeWith(1, { queue: 'bills', name: 'bill' });
        await bills.delete();
        return next;
      },
      hooks: { onFailure: (_, error) => void errors.push(error) },
    });
    await waitFor('the hook', () => errors.length === 1);
    expect(CrossSlotError.is(errors[0]) && [errors[0].queue, errors[0].other]).toEqual(['orders', 'bills']);
  });

  it('refuses what could be refused when the job ends: an id or a unique key of its own', async () => {
    const { id } = await orders.add('order', 1, { maxAttempts: 1 });
    await work((job) => job.completeWith(1, { name: 'next', options: { unique: true } }));
    await expect(orders.result(id)).rejects.toThrow(/options\.unique/);
  });

  it('a job that was cancelled meanwhile goes nowhere', async () => {
    const { id } = await orders.add('order', 1);
    let entered = false;
    await work(async (job) => {
      entered = true;
      await new Promise((resolve) => job.signal.addEventListener('abort', resolve));
      return job.moveTo('bills');
    });
    await waitFor('the handler', () => entered);
    await orders.cancel(id);
    await waitFor('all to be told', async () => (await orders.counts()).active === 0);
    expect([(await orders.get(id))?.state, await bills.get(id)]).toEqual(['cancelled', undefined]);
  });
});
