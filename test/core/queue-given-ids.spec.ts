import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, FINAL_STATES, JobActiveError, JobConflictError, LIVE_STATES, type Queue } from '@millrace/core';
import { Harness } from './support/harness.ts';
import { jobInState } from './support/job-in-state.ts';

const STATES = [...LIVE_STATES, ...FINAL_STATES];

describe('an id of the caller', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
  });

  afterEach(() => harness.close());

  const total = async (): Promise<number> => {
    const { unclaimed: _, ...states } = await queue.counts();
    return Object.values(states).reduce((sum, n) => sum + n, 0);
  };

  it('is added while it is free', async () => {
    const job = await queue.add('first', 'new', { id: 'x' });
    expect(job).toMatchObject({ id: 'x', outcome: 'added', state: 'waiting' });
  });

  it.each(STATES)(
    'of a job that is %s: keep gives that job back and changes nothing [case:A13] [seed:Q1, seed:R15]',
    async (state) => {
      await jobInState(harness, queue, state, 'x');
      const before = await queue.get('x');
      const job = await queue.add('second', 'new', { id: 'x' });
      expect(job).toMatchObject({ id: 'x', outcome: 'kept', name: 'first', state, createdAt: before?.createdAt });
      expect(job.payload).toBe(before?.payload);
      expect(await total()).toBe(1);
    },
  );

  it.each(STATES)(
    'of a job that is %s: reject throws and changes nothing [case:A13] [seed:A25, seed:R15]',
    async (state) => {
      await jobInState(harness, queue, state, 'x');
      const error = await queue
        .add('second', 'new', { id: 'x', onConflict: 'reject' })
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(JobConflictError);
      expect(error).toMatchObject({ code: 'JOB_CONFLICT', queue: 'mail', jobId: 'x' });
      expect(await queue.get('x')).toMatchObject({ name: 'first', state });
      expect(await total()).toBe(1);
    },
  );

  it.each(STATES.filter((state) => state !== 'active'))(
    'of a job that is %s: replace makes it a new job, with nothing of the old one [case:A13] [seed:Q1, seed:R15]',
    async (state) => {
      await jobInState(harness, queue, state, 'x');
      const job = await queue.add('second', 'new', { id: 'x', onConflict: 'replace', priority: 2 });
      expect(job).toMatchObject({ id: 'x', outcome: 'replaced', name: 'second', data: 'new', state: 'waiting' });
      const stored = await queue.get('x');
      expect(stored).toMatchObject({
        name: 'second',
        data: 'new',
        state: 'waiting',
        priority: 2,
        failures: 0,
        stalls: 0,
      });
      expect([stored?.error, stored?.result, stored?.finishedAt]).toEqual([undefined, undefined, undefined]);
      expect(await total()).toBe(1);
      await harness.worker({ handler: ({ name, data }) => `${name} ${String(data)}` });
      expect(await queue.result('x')).toBe('second new');
    },
  );

  it('of a job that runs: replace is refused, unless it may cancel it [case:A13] [core:A12] [seed:Q1]', async () => {
    await jobInState(harness, queue, 'active', 'x');
    const replace = { id: 'x', onConflict: 'replace' } as const;
    await expect(queue.add('second', 'new', replace)).rejects.toBeInstanceOf(JobActiveError);
    expect(await queue.get('x')).toMatchObject({ name: 'first', state: 'active' });
    const job = await queue.add('second', 'new', { ...replace, onActive: 'cancel', delayMs: 60_000 });
    expect(job.outcome).toBe('replaced');
    expect(await queue.get('x')).toMatchObject({ name: 'second', state: 'delayed' });
    expect(await total()).toBe(1);
  });

  it('is the same job for all calls of one tick: the first adds, the others keep', async () => {
    const jobs = await Promise.all([1, 2, 3, 4, 5].map((data) => queue.add('first', data, { id: 'x' })));
    expect(jobs.map(({ outcome }) => outcome)).toEqual(['added', 'kept', 'kept', 'kept', 'kept']);
    expect(jobs.map(({ data }) => data)).toEqual([1, 1, 1, 1, 1]);
    expect(await total()).toBe(1);
  });

  it('refuses its own call only, not those of others in the same tick', async () => {
    await queue.add('first', 'old', { id: 'x' });
    const calls = [
      queue.add('first', 1),
      queue.add('first', 2, { id: 'x', onConflict: 'reject' }),
      queue.add('first', 3, { id: 'y', onConflict: 'reject' }),
    ];
    const settled = await Promise.allSettled(calls);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await total()).toBe(3);
  });

  it.each(['123', 'a:b', '../x', 'with spaces', '__proto__', 'é', 'a\u{1F600}', 'x'.repeat(256)])(
    '%p is taken as it is, and names one job [case:A13] [case:P7] [case:P11]',
    async (id) => {
      await queue.add('first', 'data', { id });
      await queue.add('first', 'other', { id: `${id.slice(0, 200)}-2` });
      expect(await queue.get(id)).toMatchObject({ id, data: 'data' });
      expect(await queue.cancel(id)).toEqual(['cancelled']);
      expect(await queue.remove(id)).toEqual(['removed']);
      expect(await queue.get(id)).toBeUndefined();
      expect(await total()).toBe(1);
    },
  );
});
