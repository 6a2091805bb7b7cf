import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type AnyJobs,
  type Connection,
  InvalidOptionError,
  JobNotFoundError,
  JobsError,
  type Queue,
  UnrecoverableError,
  type VirtualClock,
} from '@millrace/core';
import { waitFor } from '../support/wait-for.ts';
import { Harness } from './support/harness.ts';

class Refused extends Error {
  readonly code = 'E_REFUSED';
}

/** What the jobs of these tests throw, by their data. */
const THROWN: Readonly<Record<string, () => unknown>> = {
  code: () => new Refused('no'),
  number: () => Object.assign(new Error('no'), { code: 23505 }),
  name: () => new TypeError('no'),
  behind: () => new UnrecoverableError('useless', { cause: new Refused('no') }),
  useless: () => new UnrecoverableError('useless'),
  forbidden: () => new JobsError('FORBIDDEN', 'no'),
  text: () => 'just a text',
  control: () => Object.assign(new Error('no'), { code: `a\tb\n${'x'.repeat(200)}` }),
  getter: () =>
    Object.defineProperty(new Error('no'), 'code', {
      get() {
        throw new Error('no code');
      },
    }),
};

describe('what failed for good', () => {
  let harness: Harness;
  let clock: VirtualClock;
  let connection: Connection;
  let queue: Queue<AnyJobs>;
  let isMended = false;

  beforeEach(async () => {
    harness = new Harness();
    ({ clock, connection, queue } = await harness.timed());
    isMended = false;
  });

  afterEach(() => harness.close());

  const work = (): Promise<unknown> =>
    harness.worker({
      connection,
      name: 'box',
      handler: ({ data }) => {
        if (isMended) return 'fine';
        throw THROWN[data as string]!();
      },
    });

  const fail = async (data: string, n = 1): Promise<string[]> => {
    const jobs = await queue.addMany(
      Array.from({ length: n }, () => ({ name: 'ship', data, options: { maxAttempts: 1 } })),
    );
    return jobs.map(({ id }) => id);
  };

  const ended = (count: number): Promise<unknown> =>
    waitFor('the jobs to end', async () => {
      const { failed, completed } = await queue.counts();
      return failed + completed === count;
    });

  it.each([
    ['code', 'E_REFUSED'],
    ['number', '23505'],
    ['name', 'TypeError'],
    ['behind', 'E_REFUSED'],
    ['useless', 'UnrecoverableError'],
    ['forbidden', 'forbidden'],
    ['text', 'THROWN_VALUE'],
    ['control', `a b ${'x'.repeat(59)}…`],
    ['getter', 'Error'],
  ])('is grouped by what the error says of itself: %s is %s [seed:Q6, seed:R5]', async (data, kind) => {
    await work();
    const [id] = await fail(data);
    await ended(1);
    const { groups } = await queue.failures();
    expect(groups).toEqual([
      { group: `ship:${kind}`, count: 1, oldest: expect.any(Date), newest: expect.any(Date), newestId: id },
    ]);
    const { jobs } = await queue.failures(`ship:${kind}`);
    expect(jobs.map((job) => [job.id, job.state])).toEqual([[id, 'failed']]);
  });

  it('has attempts that ended at their deadline under timeout', async () => {
    await harness.worker({ connection, handler: () => new Promise(() => {}) });
    await queue.add('ship', 1, { timeoutMs: 1_000, maxAttempts: 1 });
    await clock.advance('2s');
    expect((await queue.failures()).groups.map(({ group }) => group)).toEqual(['ship:timeout']);
  });

  it('keeps a message of 10,000 characters, with stack and cause [seed:R5]', async () => {
    await harness.worker({
      connection,
      handler: () => {
        throw new Error('x'.repeat(20_000), { cause: new Refused('behind it') });
      },
    });
    const { id } = await queue.add('ship', 1, { maxAttempts: 1 });
    await ended(1);
    const error = (await queue.get(id))?.error;
    expect(error?.message).toHaveLength(10_000);
    expect(error).toMatchObject({
      cause: { code: 'E_REFUSED' },
      stack: expect.stringContaining('queue-failures.spec'),
    });
  });

  it('is read a page at a time, groups and jobs [seed:Q7]', async () => {
    await work();
    const ids = await fail('code', 7);
    await fail('name', 3);
    await ended(10);
    const first = await queue.failures({ limit: 1 });
    expect(first.groups.map(({ group, count }) => [group, count])).toEqual([['ship:E_REFUSED', 7]]);
    const second = await queue.failures({ limit: 1, cursor: first.cursor });
    expect(second.groups.map(({ group, count }) => [group, count])).toEqual([['ship:TypeError', 3]]);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await queue.failures('ship:E_REFUSED', { limit: 3, cursor });
      seen.push(...page.jobs.map(({ id }) => id));
      ({ cursor } = page);
    } while (cursor !== undefined);
    expect(seen.sort()).toEqual([...ids].sort());
    await expect(queue.failures('ship:TypeError', { cursor: first.cursor })).rejects.toBeInstanceOf(InvalidOptionError);
    await expect(queue.failures('')).rejects.toBeInstanceOf(InvalidOptionError);
  });

  it('is retried by group, oldest first, as many as are asked for, with all attempts before them [seed:Q26] [seed:A30]', async () => {
    const worker = await harness.worker({
      connection,
      handler: ({ data }) => {
        throw THROWN[data as string]!();
      },
    });
    const ids = await fail('code', 600);
    await fail('name', 5);
    await ended(605);
    await worker.stop();
    expect(await queue.retry({ group: 'ship:E_REFUSED', dryRun: true })).toEqual({
      matched: 600,
      done: 0,
      passedOver: 0,
    });
    expect((await queue.counts()).failed).toBe(605);
    const progress: [number, number][] = [];
    const onProgress = (done: number, of: number): void => void progress.push([done, of]);
    expect(await queue.retry({ group: 'ship:E_REFUSED', limit: 550, onProgress })).toEqual({
      matched: 600,
      done: 550,
      passedOver: 0,
    });
    expect(progress).toEqual([100, 200, 300, 400, 500, 550].map((done) => [done, 550]));
    expect((await queue.failures()).groups.map(({ count }) => count)).toEqual([50, 5]);
    expect(await queue.get(ids[0]!)).toMatchObject({ state: 'waiting', failures: 0 });
    expect((await queue.retry({ state: 'failed' })).done).toBe(55);
    expect(await queue.failures()).toEqual({ groups: [] });
    isMended = true;
    await work();
    await waitFor('the jobs to complete', async () => (await queue.counts()).waiting === 0);
  });

  it('is not retried twice by one call where it fails again at once [seed:Q26]', async () => {
    await work();
    await fail('code', 300);
    await ended(300);
    await clock.advance(1);
    const { done } = await queue.retry({ group: 'ship:E_REFUSED' });
    expect(done).toBe(300);
    await ended(300);
  });

  it('is discarded by group or by state, after a look at how much that is [seed:Q26] [seed:A30]', async () => {
    await work();
    const ids = await fail('code', 300);
    await fail('name', 5);
    await ended(305);
    expect(await queue.discard({ group: 'ship:E_REFUSED', dryRun: true })).toMatchObject({ matched: 300, done: 0 });
    expect((await queue.discard({ group: 'ship:E_REFUSED' })).done).toBe(300);
    expect(await queue.get(ids[0]!)).toBeUndefined();
    expect((await queue.discard({ state: 'failed' })).done).toBe(5);
    expect(await queue.failures()).toEqual({ groups: [] });
  });

  it.each([
    [{}],
    [{ group: 'a:b', state: 'failed' }],
    [{ state: 'waiting' }],
    [{ group: 'a:b', limit: 0 }],
    [{ group: 'a\tb' }],
    [{ group: 'a:b', dryrun: true }],
  ])('is chosen by a group or a state: %j is refused', async (selection) => {
    await expect(queue.retry(selection as never)).rejects.toBeInstanceOf(JobsError);
    await expect(queue.discard(selection as never)).rejects.toBeInstanceOf(JobsError);
  });

  it('tells of all that happened to a job [seed:Q27]', async () => {
    const worker = await harness.worker({
      connection,
      name: 'box',
      handler: ({ attempt }) => {
        if (attempt < 3) throw new Refused(`no ${attempt} "${'ä'.repeat(400)}`);
        return 'fine';
      },
    });
    const at = clock.now();
    const { id } = await queue.add('ship', 1, { backoff: { type: 'fixed', delayMs: 60_000 } });
    await clock.advance('1m');
    await queue.promote(id);
    await waitFor('the job to complete', async () => (await queue.get(id))?.state === 'completed');
    const history = await queue.history(id);
    const { worker: _, error, ...first } = history[1]!;
    expect(first).toEqual({ type: 'retrying', at: new Date(at), attempt: 1, durationMs: 0, kind: 'E_REFUSED' });
    expect([error?.name, error?.message.slice(0, 30)]).toEqual(['Error', `no 1 "${'ä'.repeat(24)}`]);
    expect(history.map(({ type, attempt, worker: by }) => [type, attempt, by])).toEqual([
      ['added', undefined, undefined],
      ['retrying', 1, 'box'],
      ['retrying', 2, 'box'],
      ['promoted', undefined, undefined],
      ['completed', 3, 'box'],
    ]);
    await worker.stop();
  });

  it('has the whole error of the last end, and keeps the beginning of it when the job is retried [seed:Q27]', async () => {
    await work();
    const [id = ''] = await fail('behind');
    await ended(1);
    expect((await queue.history(id)).at(-1)).toMatchObject({
      type: 'failed',
      attempt: 1,
      worker: 'box',
      kind: 'E_REFUSED',
      error: { name: 'UnrecoverableError', message: 'useless', cause: { code: 'E_REFUSED' } },
    });
    isMended = true;
    await queue.retry(id);
    await waitFor('the job to complete', async () => (await queue.get(id))?.state === 'completed');
    const history = await queue.history(id);
    expect(history.map(({ type }) => type)).toEqual(['added', 'failed', 'retried', 'completed']);
    expect(history[1]?.error).toEqual({ name: 'UnrecoverableError', message: 'useless' });
  });

  it('has a short history for a job that simply succeeded, and none for one that is not there', async () => {
    isMended = true;
    await work();
    const { id } = await queue.add('ship', 1);
    await ended(1);
    expect((await queue.history(id)).map(({ type }) => type)).toEqual(['added', 'completed']);
    await expect(queue.history('none')).rejects.toBeInstanceOf(JobNotFoundError);
  });
});
