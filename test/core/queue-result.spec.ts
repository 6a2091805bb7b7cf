import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type AnyJobs,
  ClosedError,
  JobFailedError,
  JobNotFoundError,
  type Queue,
  UnrecoverableError,
  WaitTimeoutError,
} from '@millrace/core';
import { waitFor, within } from '../support/wait-for.ts';
import { CommandCount } from './support/command-count.ts';
import { Harness } from './support/harness.ts';
import { jobInState } from './support/job-in-state.ts';

describe('result', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let end: () => void;
  let ending: Promise<void>;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    ending = new Promise<void>((resolve) => (end = resolve));
  });

  afterEach(() => harness.close());

  const released = async ({ data }: { data: unknown }): Promise<unknown> => {
    await ending;
    if (data === 'fail') throw new UnrecoverableError('no');
    return data;
  };

  /** Waits that Redis knows of. */
  async function waitsAt(count: number): Promise<void> {
    const { client } = await harness.connection;
    await waitFor('the waits', async () => (await client.hlen(`${harness.prefix}:{mail}:aw`)) === count);
  }

  it.each([[{ a: [1, null] }], ['text'], [0], [null], [undefined]])(
    'is what the handler returned: %j',
    async (value) => {
      await harness.worker({ handler: () => value });
      expect(await queue.result((await queue.add('first', 1)).id)).toEqual(value);
    },
  );

  it('is told by one message, not by asking again and again [core:A19] [seed:Q31]', async () => {
    await harness.worker({ handler: released, concurrency: 100 });
    const jobs = await queue.addMany(Array.from({ length: 50 }, (_, data) => ({ name: 'first', data })));
    const others = await harness.queue('mail', { connection: await harness.connect() });
    await others.counts();
    const count = await CommandCount.start(harness.url);
    const results = Promise.all(jobs.map(({ id }) => others.result(id)));
    await waitsAt(50);
    const asked = await count.of('evalsha');
    end();
    expect(await results).toEqual(jobs.map((_, n) => n));
    expect(await count.of('publish')).toBeGreaterThanOrEqual(50);
    // What else was called meanwhile are the worker's exchanges: far fewer than one a job.
    expect((await count.of('evalsha')) - asked).toBeLessThan(25);
  });

  it('asks nothing while it waits [core:A19]', async () => {
    const clock = harness.virtualClock();
    const connection = await harness.connect({ clock });
    const timed = await harness.queue('timed', { connection });
    const { id } = await timed.add('first', 1);
    const failed = timed.result(id, { timeoutMs: 3_600_000 }).catch((error: unknown) => error);
    await waitFor('the wait', async () => (await connection.client.hlen(`${harness.prefix}:{timed}:aw`)) === 1);
    const count = await CommandCount.start(harness.url);
    for (let seconds = 0; seconds < 14; seconds++) await clock.advance('1s');
    expect(await count.ofScripts()).toBe(0);
    await timed.cancel(id);
    expect(await failed).toMatchObject({ state: 'cancelled' });
  });

  it('of a job that has ended is read at once, by any number of callers [core:A19]', async () => {
    await jobInState(harness, queue, 'completed', 'x');
    const count = await CommandCount.start(harness.url);
    expect(await Promise.all([1, 2, 3].map(() => queue.result('x')))).toEqual(['done', 'done', 'done']);
    expect(await count.of('evalsha')).toBe(3);
  });

  it.each(['failed', 'timed_out', 'broken', 'cancelled'] as const)(
    'of a job that is %s rejects with its error',
    async (state) => {
      await jobInState(harness, queue, state, 'x');
      const error = await queue.result('x').catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(JobFailedError);
      expect(error).toMatchObject({ code: 'JOB_FAILED', state, jobId: 'x', queue: 'mail' });
      expect((error as JobFailedError).error?.message).toBe((await queue.get('x'))?.error?.message);
    },
  );

  it('comes also in a queue whose name has a blank', async () => {
    const queue = await harness.queue('two words');
    const { id } = await queue.add('job', 7);
    const result = queue.result(id);
    await harness.worker({ queues: 'two words', handler: (job) => job.data });
    expect(await result).toBe(7);
  });

  it('of a job that fails while it is waited for rejects as well', async () => {
    await harness.worker({ handler: released });
    const { id } = await queue.add('first', 'fail');
    const failed = queue.result(id).catch((error: unknown) => error);
    await waitsAt(1);
    end();
    expect(await failed).toMatchObject({ code: 'JOB_FAILED', state: 'failed', error: { message: 'no' } });
  });

  it('of a job that is cancelled while it is waited for rejects as well', async () => {
    const { id } = await queue.add('first', 1);
    const failed = queue.result(id).catch((error: unknown) => error);
    await waitsAt(1);
    await queue.cancel(id);
    expect(await failed).toMatchObject({ code: 'JOB_FAILED', state: 'cancelled' });
  });

  it('of an id that is unknown, or whose job has gone, rejects at once [core:A19]', async () => {
    await queue.add('first', 1, { id: 'removed' });
    await queue.remove('removed');
    await harness.worker({ handler: () => 1 });
    await queue.add('first', 1, { id: 'pruned', keep: { completed: { ageMs: 0 } } });
    await waitFor('the job to have gone', async () => (await queue.get('pruned')) === undefined);
    for (const id of ['unknown', 'removed', 'pruned']) {
      const waiting = within('the answer', queue.result(id), 2_000);
      await expect(waiting).rejects.toBeInstanceOf(JobNotFoundError);
    }
  });

  it('reaches those who wait although the job is not kept, and those who ask within a minute [core:A19] [seed:O12]', async () => {
    await harness.worker({ handler: released });
    const { id } = await queue.add('first', 'mine', { keep: { completed: { ageMs: 0 } } });
    const first = queue.result(id);
    await waitsAt(1);
    end();
    expect(await first).toBe('mine');
    expect(await queue.result(id)).toBe('mine');
  });

  it('rejects after its time, and the job goes on [core:A19]', async () => {
    await harness.worker({ handler: released });
    const { id } = await queue.add('first', 'late');
    const error = await queue.result(id, { timeoutMs: 50 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(error).toMatchObject({ code: 'WAIT_TIMEOUT', jobId: id });
    const patient = queue.result(id, { timeoutMs: Infinity });
    end();
    expect(await patient).toBe('late');
  });

  it('keeps two callers apart: one runs out of time, the other is told', async () => {
    await harness.worker({ handler: released });
    const { id } = await queue.add('first', 'both');
    const patient = queue.result(id);
    await expect(queue.result(id, { timeoutMs: 20 })).rejects.toBeInstanceOf(WaitTimeoutError);
    end();
    expect(await patient).toBe('both');
  });

  it('rejects when its queue is closed meanwhile, and after [case:A15]', async () => {
    const { id } = await queue.add('first', 1);
    const waiting = queue.result(id).catch((error: unknown) => error);
    await waitsAt(1);
    await queue.close();
    expect(await waiting).toBeInstanceOf(ClosedError);
    await expect(queue.result(id)).rejects.toBeInstanceOf(ClosedError);
    const { client } = await harness.connection;
    await waitFor('the channel to be left', async () => (await client.pubsub('CHANNELS', '*:a:*')).length === 0);
  });
});
