import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type ActiveJob,
  type AnyJobs,
  batch,
  FINAL_STATES,
  JobActiveError,
  JobConflictError,
  type JobOptions,
  type JobState,
  LIVE_STATES,
  type Queue,
} from '@millrace/core';
import { waitFor } from '../support/wait-for.ts';
import { Harness } from './support/harness.ts';

const HOUR_MS = 3_600_000;

describe('a unique job', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
  });

  afterEach(() => harness.close());

  const unique = (options: JobOptions = {}): JobOptions => ({ unique: { key: 'k' }, ...options });

  /** Brings a job with the key into a state; its id is `x`. */
  async function holderIn(state: JobState): Promise<void> {
    const backoff = { type: 'fixed', delayMs: HOUR_MS } as const;
    const delayed = state === 'delayed' ? { delayMs: HOUR_MS } : {};
    const late = state === 'timed_out' ? { timeoutMs: 1, maxAttempts: 1 } : {};
    const blocked = state === 'blocked' ? { dependsOn: [await queue.add('first', 1, { delayMs: HOUR_MS })] } : {};
    await queue.add('old', 1, unique({ id: 'x', backoff, ...delayed, ...late, ...blocked }));
    if (state === 'blocked' || state === 'waiting' || state === 'delayed') return;
    if (state === 'cancelled') return void (await queue.cancel('x'));
    const run = ({ signal }: ActiveJob): unknown => {
      if (state === 'failed' || state === 'retrying') throw new Error('no');
      return state === 'completed' ? 1 : new Promise((resolve) => signal.addEventListener('abort', resolve));
    };
    const worker = await harness.worker({
      handler: state === 'aggregating' ? batch({ graceMs: HOUR_MS }, () => undefined) : run,
      defaults: state === 'failed' ? { maxAttempts: 1 } : {},
    });
    await waitFor(`the job to be ${state}`, async () => (await queue.get('x'))?.state === state);
    if (state !== 'active') await worker.stop();
  }

  it.each(LIVE_STATES)('keeps the job with its key that is %s [seed:Q1, seed:A25]', async (state) => {
    await holderIn(state);
    expect(await queue.add('new', 2, unique())).toMatchObject({ id: 'x', outcome: 'kept', name: 'old', state });
  });

  it.each(LIVE_STATES)('is refused beside one that is %s, if that is asked [seed:A25]', async (state) => {
    await holderIn(state);
    const error = await queue.add('new', 2, unique({ onConflict: 'reject' })).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(JobConflictError);
    expect(error).toMatchObject({ jobId: 'x', message: expect.stringContaining('unique key') });
  });

  it.each(LIVE_STATES)(
    'replaces one that is %s: an atomic change with a new budget [seed:Q1, seed:R15]',
    async (state) => {
      await holderIn(state);
      const add = (onActive?: 'cancel') => queue.add('new', 2, unique({ onConflict: 'replace', onActive }));
      if (state === 'active') await expect(add()).rejects.toBeInstanceOf(JobActiveError);
      const job = await add('cancel');
      expect(job).toMatchObject({ outcome: 'replaced', name: 'new', state: 'waiting', failures: 0 });
      expect(await queue.get('x')).toMatchObject({
        state: 'cancelled',
        error: { message: expect.stringContaining('unique') },
      });
    },
  );

  it.each(FINAL_STATES.filter((state) => state !== 'broken'))('is added when the one before is %s', async (state) => {
    await holderIn(state);
    expect(await queue.add('new', 2, unique({ onConflict: 'reject' }))).toMatchObject({ outcome: 'added' });
  });

  it('is the same by its name and data, in whichever order the keys of the data stand [seed:Q31, seed:R15, core:B16]', async () => {
    const options = { unique: true, onConflict: 'reject' } as const;
    await queue.add('first', { a: 1, b: { c: [1, { d: 2, e: 3 }] } }, options);
    const add = (name: string, data: unknown): Promise<unknown> => queue.add(name, data, options);
    await expect(add('first', { b: { c: [1, { e: 3, d: 2 }] }, a: 1 })).rejects.toThrow(JobConflictError);
    await expect(add('second', { a: 1, b: { c: [1, { d: 2, e: 3 }] } })).resolves.toMatchObject({ outcome: 'added' });
    await expect(add('first', { a: 1, b: { c: [{ d: 2, e: 3 }, 1] } })).resolves.toMatchObject({ outcome: 'added' });
    await expect(add('first', undefined)).resolves.toMatchObject({ outcome: 'added' });
    await expect(add('first', undefined)).rejects.toThrow(JobConflictError);
  });

  it('is the same by a key of its own, whatever its name and data', async () => {
    await queue.add('first', 1, unique());
    await expect(queue.add('second', 2, unique({ onConflict: 'reject' }))).rejects.toThrow(JobConflictError);
    await expect(queue.add('second', 2, { unique: { key: 'other' }, onConflict: 'reject' })).resolves.toBeDefined();
  });

  it('can hold its key for a time, whatever becomes of it: at most one in that time [seed:A25]', async () => {
    const clock = harness.virtualClock();
    const timed = await harness.queue('timed', { connection: await harness.connect({ clock }) });
    const options = { unique: { key: 'k', forMs: HOUR_MS }, onConflict: 'reject' } as const;
    const { id } = await timed.add('first', 1, options);
    await timed.cancel(id);
    await clock.advance(HOUR_MS - 1);
    await expect(timed.add('first', 1, options)).rejects.toThrow(JobConflictError);
    await clock.advance(1);
    await expect(timed.add('first', 1, options)).resolves.toMatchObject({ outcome: 'added' });
  });

  it('whose key is held by nothing but time is kept as a job that is gone', async () => {
    const { id } = await queue.add('first', 1, { unique: { key: 'k', forMs: HOUR_MS } });
    await queue.remove(id);
    expect(await queue.add('first', 1, { unique: { key: 'k', forMs: HOUR_MS } })).toMatchObject({
      id,
      outcome: 'kept',
      state: 'gone',
    });
  });

  it('is retried only while no other job has its key', async () => {
    await queue.add('first', 1, unique({ id: 'x' }));
    await queue.cancel('x');
    await queue.add('first', 1, unique({ id: 'y' }));
    expect(await queue.retry('x', 'y')).toEqual(['unique key taken', 'has not ended']);
    await queue.cancel('y');
    expect(await queue.retry('x')).toEqual(['waiting']);
  });

  it('by callers who know nothing of each other: each gets what it asked for', async () => {
    const policies = ['keep', 'replace', 'replace', 'reject', 'keep'] as const;
    const outcomes = await Promise.all(
      policies.map((onConflict, n) =>
        queue.add('first', n, unique({ onConflict })).then(
          ({ outcome }) => outcome,
          (error: Error) => error.name,
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'JobConflictError').length).toBeLessThanOrEqual(1);
    expect(outcomes.slice(0, 3)).not.toContain('JobConflictError');
    expect((await queue.counts()).waiting).toBe(1);
  });

  it('twice in a batch: the second is kept as the first, or refuses the batch', async () => {
    const draft = (onConflict: 'keep' | 'reject') => ({ name: 'first', data: 1, options: unique({ onConflict }) });
    const [first, second] = await queue.addMany([draft('keep'), draft('keep')]);
    expect(second).toMatchObject({ id: first?.id, outcome: 'kept' });
    await queue.cancel(first?.id ?? '');
    await expect(queue.addMany([{ name: 'plain', data: 1 }, draft('reject'), draft('reject')])).rejects.toThrow(
      JobConflictError,
    );
    expect((await queue.counts()).waiting).toBe(0);
  });

  it('is refused with options that are none, before Redis is touched', async () => {
    const wrong: unknown[] = [1, { until: 'ever' }, { forMs: 0 }, { key: '' }, { keys: 'k' }];
    for (const option of wrong)
      await expect(queue.add('first', 1, { unique: option as true })).rejects.toMatchObject({
        code: expect.stringMatching(/^(INVALID_OPTION|UNKNOWN_OPTION|NAME)$/),
      });
  });
});
