import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type AnyJobs,
  FINAL_STATES,
  InvalidOptionError,
  type Job,
  type JobState,
  LIVE_STATES,
  type Queue,
} from '@millrace/core';
import { waitFor } from '../support/wait-for.ts';
import { CommandCount } from './support/command-count.ts';
import { Harness } from './support/harness.ts';
import { jobInState } from './support/job-in-state.ts';

const STATES = [...LIVE_STATES, ...FINAL_STATES];

describe('a queue tells', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
  });

  afterEach(() => harness.close());

  async function pagesOf(state: JobState, options: { limit: number; reverse?: boolean }): Promise<Job[][]> {
    const pages: Job[][] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const page: { jobs: Job[]; cursor?: string } = await queue.list(state, { ...options, cursor });
      if (page.jobs.length > 0) pages.push(page.jobs);
      cursor = page.cursor;
    }
    return pages;
  }

  it('of a queue that was never used that it is empty', async () => {
    expect(await queue.counts()).toEqual(Object.fromEntries([...STATES, 'unclaimed'].map((state) => [state, 0])));
    for (const state of STATES) expect(await queue.list(state)).toEqual({ jobs: [] });
    expect([await queue.workers(), await queue.unclaimed(), await queue.isPaused()]).toEqual([[], [], false]);
  });

  it.each(STATES)(
    'a job that is %s by counts, list and get alike [seed:Q19, seed:Q21, seed:Q28, seed:A27, seed:H17, seed:I1, seed:I2, seed:O3] [seed:A20]',
    async (state) => {
      await jobInState(harness, queue, state, 'x');
      const { unclaimed: _, ...counts } = await queue.counts();
      expect(counts).toEqual(Object.fromEntries(STATES.map((each) => [each, each === state ? 1 : 0])));
      for (const each of STATES) {
        const { jobs } = await queue.list(each);
        expect(jobs.map(({ id }) => id)).toEqual(each === state ? ['x'] : []);
      }
      const job = await queue.get('x');
      expect(job).toMatchObject({ id: 'x', name: 'first', queue: 'mail', state, outcome: undefined });
      if (state === 'completed') expect(job).toMatchObject({ result: 'done', attempt: 1, error: undefined });
      if (state === 'retrying') expect(job).toMatchObject({ failures: 1, error: { message: 'not yet' } });
      if (state === 'failed')
        expect(job).toMatchObject({ attempt: 1, error: { message: 'no', name: 'UnrecoverableError' } });
      if (state === 'timed_out') expect(job?.error).toMatchObject({ code: 'JOB_TIMEOUT', kind: 'timeout' });
      if (state === 'broken')
        expect(job).toMatchObject({ data: undefined, payload: '"ol', error: { code: 'BROKEN_PAYLOAD' } });
      const isFinal = (FINAL_STATES as readonly string[]).includes(state);
      expect(job?.finishedAt instanceof Date).toBe(isFinal);
      expect(job?.runAt instanceof Date).toBe(['delayed', 'retrying', 'aggregating'].includes(state));
    },
  );

  it.each([
    ['waiting', undefined],
    ['delayed', { delayMs: 60_000 }],
  ] as const)('the %s jobs page by page, in the order in which they will run', async (state, options) => {
    const added = await queue.addMany(Array.from({ length: 25 }, (_, data) => ({ name: 'first', data, options })));
    const pages = await pagesOf(state, { limit: 10 });
    expect(pages.map(({ length }) => length)).toEqual([10, 10, 5]);
    expect(pages.flat().map(({ id }) => id)).toEqual(added.map(({ id }) => id));
  });

  it('those with a priority before and after the others', async () => {
    for (const priority of [0, -5, 5, 0, 7]) await queue.add('first', priority, { priority });
    const pages = await pagesOf('waiting', { limit: 2 });
    expect(pages.flat().map(({ priority }) => priority)).toEqual([7, 5, 0, 0, -5]);
  });

  it('the delayed and the finished ones from the other end, too [seed:A30, seed:Q19]', async () => {
    for (let n = 1; n <= 5; n++) await queue.add('first', n, { delayMs: n * 60_000 });
    const pages = await pagesOf('delayed', { limit: 2, reverse: true });
    expect(pages.flat().map(({ data }) => data)).toEqual([5, 4, 3, 2, 1]);
    await harness.worker({ handler: () => 'done', concurrency: 1 });
    const added = [];
    for (let n = 1; n <= 3; n++) {
      added.push(await queue.add('now', n));
      // Not by its result: a job that is waited for joins the others only a minute later.
      await waitFor('it to end', async () => (await queue.counts()).completed === n);
    }
    const { jobs } = await queue.list('completed', { reverse: true });
    expect(jobs.map(({ id }) => id)).toEqual(added.map(({ id }) => id).reverse());
  });

  it('a page exactly, although jobs of earlier pages have gone', async () => {
    const added = await queue.addMany(
      Array.from({ length: 9 }, (_, data) => ({ name: 'first', data, options: { delayMs: 60_000 } })),
    );
    const first = await queue.list('delayed', { limit: 3 });
    await queue.remove(...first.jobs.map(({ id }) => id));
    const second = await queue.list('delayed', { limit: 3, cursor: first.cursor });
    expect(second.jobs.map(({ id }) => id)).toEqual(added.slice(3, 6).map(({ id }) => id));
  });

  describe('by a typed error, before Redis is touched, that a cursor', () => {
    /** The cursors of the first of two pages. */
    async function cursorOf(of: Queue<AnyJobs>, state: JobState, reverse = false): Promise<string> {
      const options = state === 'delayed' ? { delayMs: 60_000 } : {};
      await of.addMany([1, 2].map((data) => ({ name: 'first', data, options })));
      const { cursor } = await of.list(state, { limit: 1, reverse });
      return cursor ?? '';
    }

    const NOT_ITS_OWN: [string, () => Promise<string>, JobState, boolean?][] = [
      ['of another state', () => cursorOf(queue, 'waiting'), 'failed'],
      ['of another state of the same order', () => cursorOf(queue, 'delayed'), 'retrying'],
      ['of waiting jobs for active ones', () => cursorOf(queue, 'waiting'), 'active'],
      ['of the other order', () => cursorOf(queue, 'delayed', true), 'delayed'],
      ['of another queue', async () => cursorOf(await harness.queue('sms'), 'waiting'), 'waiting'],
      ['of a queue whose name begins alike', async () => cursorOf(await harness.queue('mail/1'), 'waiting'), 'waiting'],
      ['that is none', () => Promise.resolve('waiting:2'), 'waiting'],
    ];

    it.each(NOT_ITS_OWN)('is %s', async (_, given, state, reverse = false) => {
      const cursor = await given();
      const count = await CommandCount.start(harness.url);
      const error = await queue.list(state, { cursor, reverse }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect(error).toMatchObject({ code: 'INVALID_OPTION', path: 'cursor', value: cursor });
      expect((error as Error).message).toMatch(
        /the same queue, state and order, got .* Leave it out to begin at the start\.$/,
      );
      expect(await count.ofScripts()).toBe(0);
    });
  });

  it('by a typed error that a cursor was changed on its way', async () => {
    await queue.addMany([1, 2].map((data) => ({ name: 'first', data })));
    const { cursor = '' } = await queue.list('waiting', { limit: 1 });
    const changed = queue.list('waiting', { cursor: `${cursor}x` });
    await expect(changed).rejects.toMatchObject({ code: 'INVALID_OPTION', path: 'cursor', value: `${cursor}x` });
  });

  it('what cannot be asked for by a typed error, before Redis is touched', async () => {
    await queue.counts();
    const count = await CommandCount.start(harness.url);
    const calls = [
      () => queue.list('finished' as JobState),
      ...[0, -1, 1.5, NaN, 1_001, '5' as unknown as number].map((limit) => () => queue.list('waiting', { limit })),
      () => queue.list('waiting', { cursor: 5 as unknown as string }),
      () => queue.list('waiting', { revers: true } as object),
      () => queue.pause({ wiat: true } as object),
      () => queue.result('x', { timeoutMs: NaN }),
      () => queue.result('x', { timeoutMs: -1 }),
      () => queue.prioritize('x', 1.5),
      () => queue.config.set({ leaseMs: 1 }),
      () => queue.config.set({ keep: { failed: { count: -1 } } }),
    ];
    for (const call of calls) await expect(call()).rejects.toBeInstanceOf(InvalidOptionError);
    await expect(queue.list('waiting', { revers: true } as object)).rejects.toThrow('Did you mean "reverse"?');
    expect(await count.ofScripts()).toBe(0);
  });

  it('its live workers, and what they say of themselves', async () => {
    const worker = await harness.worker({
      handlers: { first: () => 1, second: () => 2 },
      name: 'blue',
      concurrency: 3,
    });
    const [info, ...others] = await queue.workers();
    expect(others).toEqual([]);
    expect(info).toMatchObject({
      epoch: worker.health().queues[0]?.epoch,
      info: { name: 'blue', pid: process.pid, names: ['first', 'second'], concurrency: 3 },
    });
    expect(info?.leaseUntil.getTime()).toBeGreaterThan(Date.now());
    await worker.stop();
    expect(await queue.workers()).toEqual([]);
  });

  it('for which names jobs wait although no worker handles them [core:B3] [seed:O20]', async () => {
    await harness.worker({ handlers: { first: () => 1 } });
    const jobs = await queue.addMany(['unknown', 'other', 'unknown'].map((name) => ({ name, data: 1 })));
    await waitFor('the jobs to be set aside', async () => (await queue.counts()).unclaimed === 3);
    const unclaimed = (await queue.unclaimed()).toSorted((a, b) => a.count - b.count);
    expect(unclaimed).toEqual([
      { name: 'other', count: 1 },
      { name: 'unknown', count: 2 },
    ]);
    expect(await queue.counts()).toMatchObject({ waiting: 3, unclaimed: 3 });
    expect(await queue.get(jobs[0]?.id ?? '')).toMatchObject({ state: 'waiting', failures: 0, attempt: 0 });
    await harness.worker({ handlers: { unknown: () => 'late', other: () => 'later' } });
    expect(await queue.result(jobs[0]?.id ?? '')).toBe('late');
    await waitFor('none to be left', async () => (await queue.unclaimed()).length === 0);
  });

  it('what a job has logged and how far it has come [seed:Q31]', async () => {
    const handler = async (job: {
      log(text: string): Promise<void>;
      progress(value: unknown): Promise<void>;
    }): Promise<void> => {
      await Promise.all(['one', 'two', 'three'].map((line) => job.log(line)));
      await job.progress({ done: 3 });
    };
    await harness.worker({ handler });
    const { id } = await queue.add('first', 1);
    await queue.result(id);
    expect(await queue.log(id)).toEqual(['one', 'two', 'three']);
    expect((await queue.get(id))?.progressValue).toEqual({ done: 3 });
    expect(await queue.log('unknown')).toEqual([]);
  });
});
