import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type AnyJobs,
  CrossSlotError,
  InvalidOptionError,
  JobActiveError,
  JobConflictError,
  JobNotFoundError,
  listQueues,
  PayloadError,
  type Queue,
  QueueNotFoundError,
} from '@millrace/core';
import { waitFor } from '../support/wait-for.ts';
import { Harness } from './support/harness.ts';
import { jobInState } from './support/job-in-state.ts';

describe('by hand, a job', () => {
  let harness: Harness;
  let orders: Queue<AnyJobs>;
  let bills: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    orders = await harness.queue('orders', { slot: 'shop' });
    bills = await harness.queue('bills', { slot: 'shop' });
  });

  afterEach(() => harness.close());

  it('can be moved to another queue of its slot, with the same id, other data and another name [seed:Q1, seed:R2]', async () => {
    const { id } = await orders.add('order', { n: 1 }, { tags: ['vip'], maxAttempts: 2 });
    await orders.move(id, 'bills', { name: 'bill', data: { n: 2 }, priority: 'high' });
    expect(await orders.get(id)).toBeUndefined();
    const moved = await bills.get(id);
    expect(moved).toMatchObject({ name: 'bill', data: { n: 2 }, state: 'waiting', tags: ['vip'] });
    expect(moved?.options.maxAttempts).toBe(2);
  });

  it('is run there, with all its attempts before it, also if it had failed [seed:Q1]', async () => {
    const { id } = await orders.add('order', 1, { maxAttempts: 1 });
    const failing = await harness.worker({
      queues: [{ name: 'orders', slot: 'shop' }],
      handler: () => Promise.reject(new Error('no')),
    });
    await waitFor('the job to fail', async () => (await orders.get(id))?.state === 'failed');
    await failing.stop();
    await orders.move(id, 'bills');
    const result = bills.result(id);
    await harness.worker({ queues: [{ name: 'bills', slot: 'shop' }], handler: (job) => `attempt ${job.attempt}` });
    expect(await result).toBe('attempt 1');
    expect(await bills.get(id)).toMatchObject({ failures: 0, error: undefined });
  });

  it('put into its own queue again is as new, whoever waits for it [seed:Q1] [seed:Q2, seed:O13]', async () => {
    const { id } = await orders.add('order', 1, { delayMs: 3_600_000 });
    const result = orders.result(id);
    await orders.move(id, 'orders', { data: 2 });
    await harness.worker({ queues: [{ name: 'orders', slot: 'shop' }], handler: (job) => job.data });
    expect(await result).toBe(2);
  });

  it('cannot be moved while it runs, to where its id is taken, or if it is not there [seed:Q2]', async () => {
    await orders.add('order', 1, { id: 'x' });
    await bills.add('bill', 1, { id: 'x' });
    await expect(orders.move('x', 'bills')).rejects.toThrow(JobConflictError);
    await expect(orders.move('none', 'bills')).rejects.toThrow(JobNotFoundError);
    const lone = await harness.queue();
    await jobInState(harness, lone, 'active', 'running');
    await expect(lone.move('running', 'mail')).rejects.toThrow(JobActiveError);
  });

  it('cannot be moved to a queue of another slot: the error says how to get it [core:A21]', async () => {
    const mail = await harness.queue('mail');
    await mail.add('welcome', 1, { id: 'm' });
    await orders.add('order', 1, { id: 'x' });
    const said = /do not share a slot.*Declare both with the same slot, everywhere/;
    await expect(mail.move('m', 'orders')).rejects.toThrow(said);
    const error = await orders.move('x', 'mail').catch((reason: unknown) => reason);
    expect(CrossSlotError.is(error) && [error.queue, error.other]).toEqual(['orders', 'mail']);
    expect(await orders.get('x')).toMatchObject({ state: 'waiting' });
  });

  it('cannot be moved to a queue that nobody has declared: a mistyped name makes no queue', async () => {
    await bills.counts();
    await orders.add('order', 1, { id: 'x' });
    const error = await orders.move('x', 'bils').catch((reason: unknown) => reason);
    expect(QueueNotFoundError.is(error) && [error.queue, error.slot]).toEqual(['bils', 'shop']);
    expect(String(error)).toContain('Did you mean "bills"?');
    const dependent = orders.add('order', 1, { dependsOn: [{ queue: 'bils', id: 'y' }] });
    await expect(dependent).rejects.toMatchObject({ code: 'QUEUE_NOT_FOUND' });
    expect((await listQueues(await harness.connection)).map(({ name }) => name)).toEqual(['bills', 'orders']);
    expect(await orders.get('x')).toMatchObject({ state: 'waiting' });
  });

  it('is moved to a queue that only another process has declared, on the list of queues or off it', async () => {
    const there = await harness.connect();
    const stock = await harness.queue('stock', { slot: 'shop', connection: there });
    await orders.add('order', 1, { id: 'x' });
    await expect(orders.move('x', 'stock')).rejects.toThrow(QueueNotFoundError);
    await stock.counts();
    await stock.forget();
    await orders.move('x', 'stock');
    expect(await stock.get('x')).toMatchObject({ state: 'waiting' });
  });

  it('gets new data, priority and time while it waits [seed:R2] [seed:O13] [seed:A30]', async () => {
    const { id } = await orders.add('order', { n: 1 }, { onFailure: { name: 'sorry', data: 'kept' } });
    expect(await orders.update(id, { data: { n: 2 }, priority: 3 })).toBe(true);
    expect(await orders.get(id)).toMatchObject({ data: { n: 2 }, priority: 3, state: 'waiting' });
    const runAt = new Date(Date.now() + 3_600_000);
    await orders.update(id, { runAt });
    expect(await orders.get(id)).toMatchObject({ state: 'delayed', runAt });
    await orders.update(id, { delayMs: 0 });
    expect(await orders.get(id)).toMatchObject({ state: 'waiting', data: { n: 2 }, priority: 3 });
  });

  it('keeps the unique key that it was added with, whatever its data becomes', async () => {
    const { id } = await orders.add('order', { n: 1 }, { unique: true });
    await orders.update(id, { data: { n: 2 } });
    expect((await orders.add('order', { n: 1 }, { unique: true })).id).toBe(id);
    expect((await orders.add('order', { n: 2 }, { unique: true })).id).not.toBe(id);
  });

  it('that runs, has ended or is not there is not updated', async () => {
    const mail = await harness.queue();
    await jobInState(harness, mail, 'active', 'running');
    await jobInState(harness, mail, 'cancelled', 'over');
    await expect(mail.update('running', { data: 2 })).rejects.toThrow(JobActiveError);
    expect(await mail.update('over', { data: 2 })).toBe(false);
    await expect(mail.update('none', { data: 2 })).rejects.toThrow(JobNotFoundError);
  });

  it('is not changed by what is no change, or cannot be stored', async () => {
    const { id } = await orders.add('order', 1);
    await expect(orders.update(id, {})).rejects.toThrow(InvalidOptionError);
    await expect(orders.update(id, { delayMs: 1, runAt: 1 })).rejects.toThrow(/either delayMs or runAt/);
    await expect(orders.update(id, { name: 'other' } as never)).rejects.toThrow(/name/);
    await expect(orders.move(id, 'bills', { data: 1n })).rejects.toThrow(PayloadError);
    expect(await orders.get(id)).toMatchObject({ data: 1, state: 'waiting' });
  });
});
