import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  InvalidOptionError,
  JobActiveError,
  JobConflictError,
  type JobDraft,
  JobsError,
  PayloadError,
  type Queue,
} from '@millrace/core';
import { waitFor } from '../support/wait-for.ts';
import { CommandCount } from './support/command-count.ts';
import { Harness } from './support/harness.ts';

describe('addMany', () => {
  let harness: Harness;
  let queue: Queue;
  let count: CommandCount;

  const drafts = (length: number): JobDraft[] => Array.from({ length }, (_, n) => ({ name: 'welcome', data: { n } }));

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    await queue.counts();
    count = await CommandCount.start(harness.url);
  });

  afterEach(() => harness.close());

  it('stores all in one command, in order [seed:A26]', async () => {
    const jobs = await queue.addMany(drafts(1_000));
    expect(await count.of('evalsha')).toBe(1);
    expect(jobs.map(({ data }) => data)).toEqual(drafts(1_000).map(({ data }) => data));
    const { jobs: waiting } = await queue.list('waiting', { limit: 1_000 });
    expect(waiting.map(({ id }) => id)).toEqual(jobs.map(({ id }) => id));
  });

  it('takes more than a command can, in several [case:A18] [seed:A26]', async () => {
    const jobs = await queue.addMany(drafts(2_500));
    expect(await count.of('evalsha')).toBe(3);
    expect(jobs).toHaveLength(2_500);
    expect((await queue.counts()).waiting).toBe(2_500);
  });

  it('takes a hundred thousand, in order, a thousand a command; with one that cannot be stored it takes none [case:A18]', async () => {
    const many = drafts(100_000);
    await expect(queue.addMany([...many, { name: 'welcome', data: 1n }])).rejects.toBeInstanceOf(PayloadError);
    expect(await count.ofScripts()).toBe(0);
    const jobs = await queue.addMany(many);
    expect(await count.of('evalsha')).toBe(100);
    expect((await queue.counts()).waiting).toBe(100_000);
    const { client } = await harness.connection;
    const [first] = await client.lrange(`${harness.prefix}:{mail}:r`, 0, 0);
    const [last] = await client.lrange(`${harness.prefix}:{mail}:r`, -1, -1);
    expect([first, last]).toEqual([jobs[0]?.id, jobs.at(-1)?.id]);
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(100_000);
  });

  it('refuses a batch in which one job cannot be stored, before Redis is touched [case:A18] [case:P4]', async () => {
    const bad: [JobDraft, unknown][] = [
      [{ name: 'welcome', data: { big: 1n } }, PayloadError],
      [{ name: '', data: 1 }, JobsError],
      [{ name: 'welcome', data: 1, options: { delayMs: -1 } }, InvalidOptionError],
    ];
    for (const [draft, error] of bad) {
      await expect(queue.addMany([...drafts(5), draft, ...drafts(5)])).rejects.toBeInstanceOf(error);
    }
    expect(await count.ofScripts()).toBe(0);
    expect((await queue.counts()).waiting).toBe(0);
  });

  it('refuses all when one id is taken and asks for that [seed:A26]', async () => {
    await queue.add('welcome', 'first', { id: 'taken' });
    const batch = [...drafts(3), { name: 'welcome', data: 2, options: { id: 'taken', onConflict: 'reject' as const } }];
    await expect(queue.addMany(batch)).rejects.toMatchObject({ code: 'JOB_CONFLICT', jobId: 'taken' });
    await expect(queue.addMany(batch)).rejects.toBeInstanceOf(JobConflictError);
    expect((await queue.counts()).waiting).toBe(1);
  });

  it('refuses all when a job that it would replace runs', async () => {
    let end = (): void => {};
    const running = new Promise<void>((resolve) => (end = resolve));
    await harness.worker({ handler: () => running });
    await queue.add('welcome', 'first', { id: 'runs' });
    await waitFor('the job to run', async () => (await queue.counts()).active === 1);
    const options = { id: 'runs', onConflict: 'replace' as const };
    const batch = [...drafts(3), { name: 'welcome', data: 'second', options }];
    await expect(queue.addMany(batch)).rejects.toBeInstanceOf(JobActiveError);
    expect((await queue.get('runs'))?.data).toBe('first');
    expect(await queue.counts()).toMatchObject({ waiting: 0, active: 1 });
    end();
  });

  it('refuses an id that stands in a batch twice, however large the batch is', async () => {
    const ids = [...Array.from({ length: 100_000 }, (_, n) => `id-${n}`), 'id-99999'];
    const began = performance.now();
    const added = queue.addMany(ids.map((id) => ({ name: 'welcome', data: 1, options: { id } })));
    await expect(added).rejects.toMatchObject({ code: 'INVALID_OPTION', path: 'id', value: 'id-99999' });
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(await count.ofScripts()).toBe(0);
  });

  it('tells what became of each, and gives back what was there already [seed:A26]', async () => {
    await queue.add('welcome', 'kept', { id: 'a' });
    await queue.add('welcome', 'old', { id: 'b' });
    const jobs = await queue.addMany([
      { name: 'welcome', data: 'ignored', options: { id: 'a' } },
      { name: 'welcome', data: 'new', options: { id: 'b', onConflict: 'replace' } },
      { name: 'welcome', data: 'first', options: { id: 'c' } },
      { name: 'welcome', data: 'minted' },
    ]);
    const told = jobs.map(({ id, outcome, data }) => [id, outcome, data]);
    expect(told).toEqual([
      ['a', 'kept', 'kept'],
      ['b', 'replaced', 'new'],
      ['c', 'added', 'first'],
      [jobs[3]?.id, 'added', 'minted'],
    ]);
    expect((await queue.counts()).waiting).toBe(4);
  });

  it('reads the kept ones back in few commands', async () => {
    const batch = drafts(200).map((draft, n) => ({ ...draft, options: { id: `id-${n}` } }));
    await queue.addMany(batch);
    count = await CommandCount.start(harness.url);
    const jobs = await queue.addMany(batch);
    expect(jobs.map(({ id, outcome }) => [id, outcome])).toEqual(batch.map(({ options }) => [options.id, 'kept']));
    expect(await count.of('evalsha')).toBeLessThanOrEqual(5);
  });

  it('does nothing for an empty batch', async () => {
    expect(await queue.addMany([])).toEqual([]);
    expect(await count.ofScripts()).toBe(0);
  });
});
