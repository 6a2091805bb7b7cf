import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ActiveJob, AnyJobs, DependencyResults, Queue } from '@millrace/core';
import { createTestJob } from '@millrace/testing';
import { Harness } from '../core/support/harness.ts';

const REFS = ['orders', 'bills'].map((name) => ({ name, slot: 'shop' }));

describe('job.results()', () => {
  let harness: Harness;
  let orders: Queue<AnyJobs>;
  let bills: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    orders = await harness.queue('orders', { slot: 'shop' });
    bills = await harness.queue('bills', { slot: 'shop' });
  });

  afterEach(() => harness.close());

  /** Runs jobs: `report` reads what those before it returned; `bad` fails; others return their data. */
  async function work(read: (results: DependencyResults, job: ActiveJob) => unknown): Promise<void> {
    await harness.worker({
      queues: REFS,
      handler: async (job) => {
        if (job.name === 'report') return read(await job.results(), job);
        if (job.name === 'bad') throw new Error('no');
        return job.data;
      },
    });
  }

  it('has what each dependency returned, by its id or its job, of any queue of the slot [core:B14] [seed:R2]', async () => {
    const a = await orders.add('a', { list: [], map: {}, text: 'ä' });
    const b = await bills.add('b', [1, null]);
    const bad = await orders.add('bad', 1, { maxAttempts: 1 });
    const dependsOn = [a, b, bad];
    const report = await orders.add('report', 1, { dependsOn, onDependencyFailure: 'run' });
    await work((results) => [
      results.size,
      results.get(a.id),
      results.get({ queue: 'bills', id: b.id }),
      results.get(b),
      results.get(bad.id) ?? 'nothing',
      results.get('unknown') ?? 'nothing',
      [...results].map(({ queue, id, state }) => [queue, id, state]),
    ]);
    const data = { list: [], map: {}, text: 'ä' };
    expect(await orders.result(report.id)).toEqual([
      3,
      data,
      [1, null],
      [1, null],
      'nothing',
      'nothing',
      [
        ['orders', a.id, 'completed'],
        ['bills', b.id, 'completed'],
        ['orders', bad.id, 'failed'],
      ],
    ]);
  });

  it('has them when those jobs are gone since, but for very large ones, which it says [core:B14]', async () => {
    const small = await orders.add('a', 'small');
    const large = await orders.add('b', 'x'.repeat(70_000));
    const report = await orders.add('report', 1, { dependsOn: [small, large], delayMs: 60_000 });
    await work((results) => [results.get(small), results.of(large)]);
    await Promise.all([orders.result(small.id), orders.result(large.id)]);
    expect(await orders.remove(small.id, large.id)).toEqual(['removed', 'removed']);
    await orders.promote(report.id);
    expect(await orders.result(report.id)).toEqual([
      'small',
      { queue: 'orders', id: large.id, state: 'completed', isLost: true },
    ]);
  });

  it('is empty for a job that depends on none; asked twice it reads once', async () => {
    const { id } = await orders.add('report', 1);
    await work(async (results, job) => [results.size, (await job.results()) === results]);
    expect(await orders.result(id)).toEqual([0, true]);
  });

  it('is what a test says, in a job without Redis', async () => {
    const results = [
      { id: 'a', result: [1] },
      { queue: 'bills', id: 'b', result: 2 },
    ];
    const given = await createTestJob({}, { queue: 'orders', results }).results();
    expect([given.get('a'), given.get({ queue: 'bills', id: 'b' }), given.get('b')]).toEqual([[1], 2, undefined]);
  });
});
