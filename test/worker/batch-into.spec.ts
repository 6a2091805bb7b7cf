import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { batch, type ActiveJob, type AnyJobs, type BatchSettings, type Queue } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from './support/gate.ts';

interface Note {
  readonly n: number;
}

describe('a batch that becomes one job', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let digests: ActiveJob<number[]>[];

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    digests = [];
  });

  afterEach(() => harness.close());

  async function work(
    settings: BatchSettings<Note>,
    run: (jobs: readonly ActiveJob<Note>[]) => unknown,
  ): Promise<void> {
    const note = batch<Note>({ graceMs: 60_000, ...settings }, run);
    const digest = (job: ActiveJob): void => void digests.push(job as ActiveJob<number[]>);
    await harness.worker({ handlers: { note, digest } });
  }

  const addAll = (count: number) =>
    queue.addMany(Array.from({ length: count }, (_, n) => ({ name: 'note', data: { n } })));
  const numbers = (jobs: readonly ActiveJob<Note>[]): number[] => jobs.map(({ data }) => data.n);

  it('adds a job of what the handler returned, when those of the batch complete [seed:A13]', async () => {
    await work({ maxSize: 3, into: 'digest' }, numbers);
    const added = await addAll(3);
    await waitFor('the digest', () => digests.length === 1);
    expect(digests[0]?.data).toEqual([0, 1, 2]);
    for (const { id } of added) expect(await queue.get(id)).toMatchObject({ state: 'completed', result: undefined });
  });

  it('takes its options, and a queue of the slot', async () => {
    const reports = await harness.queue('reports', { slot: 's' });
    queue = await harness.queue('notes', { slot: 's' });
    const into = { name: 'digest', queue: 'reports', options: { priority: 5, meta: { of: 'notes' } } } as const;
    const note = batch<Note>({ maxSize: 2, graceMs: 60_000, into }, numbers);
    await reports.counts();
    await harness.worker({ queues: { name: 'notes', slot: 's' }, handlers: { note } });
    await addAll(2);
    const [digest] = await waitFor('the digest', async () => {
      const { jobs } = await reports.list('waiting');
      return jobs.length === 1 ? jobs : undefined;
    });
    expect(digest).toMatchObject({ name: 'digest', data: [0, 1], priority: 5, meta: { of: 'notes' } });
  });

  it('adds none when the handler returns nothing, or throws', async () => {
    let runs = 0;
    await work({ maxSize: 2, into: 'digest', maxAttempts: 1 }, () => {
      runs += 1;
      if (runs === 2) throw new Error('no');
    });
    await addAll(4);
    await waitFor('all to end', async () => {
      const { completed, failed } = await queue.counts();
      return completed === 2 && failed === 2;
    });
    expect(digests).toEqual([]);
  });

  it('fails its jobs when what it returned cannot be stored', async () => {
    await work({ maxSize: 2, into: 'digest', maxAttempts: 1 }, () => 5n);
    await addAll(2);
    await waitFor('all to end', async () => (await queue.counts()).failed === 2);
    expect(digests).toEqual([]);
  });

  it('comes although the first of its jobs was cancelled meanwhile', async () => {
    const gate = new Gate();
    await work({ maxSize: 3, into: 'digest' }, async (jobs) => {
      await gate.opened;
      return numbers(jobs);
    });
    const [first] = await addAll(3);
    await waitFor('the batch to run', async () => (await queue.counts()).active === 3);
    await queue.cancel(first!.id);
    gate.open();
    await waitFor('the digest', () => digests.length === 1);
    expect(await queue.counts()).toMatchObject({ cancelled: 1 });
  });

  it('comes once of a thousand jobs: their ends go in one call', async () => {
    await work({ maxSize: 1_000, into: 'digest' }, numbers);
    await addAll(1_000);
    await waitFor('the digest', () => digests.length === 1);
    expect(digests[0]?.data).toHaveLength(1_000);
    await waitFor('nothing to be left', async () => {
      const { active, waiting, aggregating } = await queue.counts();
      return active + waiting + aggregating === 0;
    });
    expect(digests).toHaveLength(1);
  });

  it.each([[''], [5], [{ queue: 'x' }]])('refuses %j as what to become', async (into) => {
    await expect(work({ into: into as string }, numbers)).rejects.toMatchObject({
      code: expect.stringMatching(/^(NAME|INVALID_OPTION)$/),
    });
  });
});
