import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  batch,
  BrokenPayloadError,
  SnoozeError,
  UnrecoverableError,
  type ActiveJob,
  type AnyJobs,
  type BatchHandler,
  type BatchSettings,
  type Connection,
  type Queue,
  type VirtualClock,
  type Worker,
} from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { Gate } from './support/gate.ts';

interface Note {
  readonly user: string;
  readonly n: number;
}

type Outcomes = PromiseSettledResult<unknown>[];

describe('a handler of batches, in virtual time', () => {
  let harness: Harness;
  let clock: VirtualClock;
  let connection: Connection;
  let queue: Queue<AnyJobs>;
  let start: number;
  /** When each batch ran, and of what. */
  let ran: [ms: number, ns: unknown[]][];

  beforeEach(async () => {
    harness = new Harness();
    ({ clock, connection, queue } = await harness.timed());
    start = clock.now();
    ran = [];
  });

  afterEach(() => harness.close());

  const byUser = (data: Note): string => data.user;

  /** A worker that runs notes in batches, and notes that itself. */
  function worker(
    settings: BatchSettings<Note> = {},
    inner: BatchHandler<Note> = () => undefined,
    more: Partial<Parameters<Harness['worker']>[0]> = {},
  ): Promise<Worker> {
    const notify = batch<Note>(settings, (jobs, running) => {
      ran.push([clock.now() - start, jobs.map(({ data }) => data.n)]);
      return inner(jobs, running);
    });
    return harness.worker({ connection, handlers: { notify }, ...more });
  }

  const add = (n: number, user = 'ada', options = {}) => queue.add('notify', { user, n }, options);
  const addAll = (...ns: number[]) => Promise.all(ns.map((n) => add(n)));
  const states = async (jobs: readonly { id: string }[]) =>
    Promise.all(jobs.map(async ({ id }) => (await queue.get(id))?.state));

  it('gets the jobs together when none has come for the grace, to the millisecond [seed:A13] [seed:Q31]', async () => {
    await worker({ graceMs: 5_000, maxDelayMs: 60_000 });
    await add(1);
    await clock.advance(4_000);
    const second = await add(2);
    await clock.advance(4_999);
    expect(ran).toEqual([]);
    expect((await queue.get(second.id))?.state).toBe('aggregating');
    expect(await queue.counts()).toMatchObject({ aggregating: 2, waiting: 0, active: 0 });
    await clock.advance(1);
    expect(ran).toEqual([[9_000, [1, 2]]]);
    expect((await queue.get(second.id))?.state).toBe('completed');
  });

  it('gets them at the latest when the first has waited for the delay [seed:A13]', async () => {
    await worker({ graceMs: 5_000, maxDelayMs: 12_000 });
    for (let n = 0; n < 4; n++) {
      await add(n);
      await clock.advance(4_000);
    }
    expect(ran).toEqual([[12_000, [0, 1, 2]]]);
  });

  it('gets them at once when there are enough [seed:A13]', async () => {
    await worker({ graceMs: 5_000, maxSize: 3 });
    await addAll(1, 2, 3, 4);
    await clock.advance(0);
    expect(ran).toEqual([[0, [1, 2, 3]]]);
    await clock.advance('1h');
    expect(ran).toEqual([
      [0, [1, 2, 3]],
      [5_000, [4]],
    ]);
  });

  it('gets those of each key by themselves, and keeps the defaults of a second and ten [seed:A13]', async () => {
    await worker({ key: byUser });
    await add(1, 'ada');
    await add(2, 'bob');
    await clock.advance(500);
    await add(3, 'ada');
    await clock.advance('1m');
    expect(ran).toEqual([
      [1_000, [2]],
      [1_500, [1, 3]],
    ]);
  });

  it('leaves jobs of other names alone', async () => {
    const single: unknown[] = [];
    const notify = batch<Note>(
      { graceMs: 1_000 },
      (jobs) => void ran.push([clock.now() - start, jobs.map(({ data }) => data.n)]),
    );
    await harness.worker({ connection, handlers: { notify, '*': (job: ActiveJob) => void single.push(job.data) } });
    await queue.add('plain', 1);
    await add(2);
    await clock.advance('1m');
    expect([single, ran]).toEqual([[1], [[1_000, [2]]]]);
  });

  it('sees each job for itself: data, attempt, progress, log', async () => {
    const seen: unknown[] = [];
    await worker({ graceMs: 1_000 }, async (jobs) => {
      for (const job of jobs) {
        seen.push([job.id, job.name, job.attempt, job.data]);
        await job.progress(job.data.n * 10);
        await job.log(`line of ${job.data.n}`);
      }
    });
    const [a, b] = await addAll(1, 2);
    await clock.advance('1m');
    expect(seen).toEqual([
      [a!.id, 'notify', 1, { user: 'ada', n: 1 }],
      [b!.id, 'notify', 1, { user: 'ada', n: 2 }],
    ]);
    expect((await queue.get(b!.id))?.progressValue).toBe(20);
    expect(await queue.log(a!.id)).toEqual(['line of 1']);
  });

  it('ends each job as its outcome says, as Promise.allSettled gives them', async () => {
    const ends: Record<number, () => unknown> = {
      1: () => ({ sent: true }),
      2: () => Promise.reject(new Error('no')),
      3: () => Promise.reject(new UnrecoverableError('never')),
      4: () => Promise.reject(new SnoozeError({ delayMs: 60_000 })),
      5: () => Promise.reject(new BrokenPayloadError('mail', 'x', 'bad')),
    };
    await worker({ graceMs: 1_000, maxAttempts: 2, backoff: { type: 'fixed', delayMs: 30_000 } }, (jobs) =>
      Promise.allSettled(jobs.map(async ({ data }) => ends[data.n]!())),
    );
    const jobs = await addAll(1, 2, 3, 4, 5);
    await clock.advance(1_000);
    expect(await states(jobs)).toEqual(['completed', 'retrying', 'failed', 'delayed', 'broken']);
    expect((await queue.get(jobs[0]!.id))?.result).toEqual({ sent: true });
    await clock.advance('125s');
    // Each came back at its own time, and waited for its batch again.
    expect(ran).toEqual([
      [1_000, [1, 2, 3, 4, 5]],
      [32_000, [2]],
      [62_000, [4]],
      [123_000, [4]],
    ]);
    expect((await queue.get(jobs[1]!.id))?.failures).toBe(2);
  });

  it('fails every job when it throws, each by its own budget', async () => {
    await worker({ graceMs: 1_000, backoff: { type: 'fixed', delayMs: 10_000 } }, () => {
      throw new Error('all of them');
    });
    const jobs = [await add(1, 'ada', { maxAttempts: 1 }), await add(2, 'ada', { maxAttempts: 2 })];
    await clock.advance(1_000);
    expect(await states(jobs)).toEqual(['failed', 'retrying']);
    await clock.advance('1m');
    expect(await states(jobs)).toEqual(['failed', 'failed']);
    expect(ran).toEqual([
      [1_000, [1, 2]],
      [12_000, [2]],
    ]);
  });

  it('fails them for good when it returns another number of outcomes', async () => {
    await worker({ graceMs: 1_000 }, (): Outcomes => [{ status: 'fulfilled', value: 1 }]);
    const jobs = await addAll(1, 2);
    await clock.advance('1m');
    expect(await states(jobs)).toEqual(['failed', 'failed']);
    expect((await queue.get(jobs[0]!.id))?.error?.message).toContain('batch of 2 jobs returned 1 outcomes');
  });

  it('ends at their deadlines those that have one; the others go on', async () => {
    let running!: AbortSignal;
    await worker({ graceMs: 1_000 }, async (jobs, { signal }) => {
      running = signal;
      await new Promise((resolve) => jobs[0]!.signal.addEventListener('abort', resolve));
      expect(jobs[1]!.signal.aborted).toBe(false);
    });
    const jobs = [await add(1, 'ada', { timeoutMs: 10_000, maxAttempts: 1 }), await add(2)];
    await clock.advance('20s');
    expect(await states(jobs)).toEqual(['timed_out', 'completed']);
    expect(running.aborted).toBe(false);
  });

  it('aborts the signal of the batch when no job of it counts any more', async () => {
    const reasons: unknown[] = [];
    await worker({ graceMs: 1_000, timeoutMs: 10_000, maxAttempts: 1 }, async (_, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      reasons.push((signal.reason as Error).name);
    });
    const jobs = await addAll(1, 2);
    await clock.advance('20s');
    expect(await states(jobs)).toEqual(['timed_out', 'timed_out']);
    expect(reasons).toEqual(['JobTimeoutError']);
  });

  it('ends as broken a job that cannot be read, as an attempt one whose key cannot be told; the others run', async () => {
    const key = ({ user, n }: Note): string => {
      if (n === 2) throw new Error('no key');
      return user;
    };
    await worker({ graceMs: 1_000, maxAttempts: 1, key });
    const jobs = [await add(1), await add(2), await add(3, 'line\nbreak'), await add(4)];
    const { client } = connection;
    const envelopes = `${harness.prefix}:{mail}:j`;
    await client.hset(envelopes, jobs[3]!.id, `${await client.hget(envelopes, jobs[3]!.id)}}`);
    await clock.advance('1m');
    expect(await states(jobs)).toEqual(['completed', 'failed', 'failed', 'broken']);
    expect((await queue.get(jobs[1]!.id))?.error?.message).toBe('no key');
    expect((await queue.get(jobs[2]!.id))?.error).toMatchObject({ name: 'InvalidNameError' });
    expect(ran).toEqual([[1_000, [1]]]);
  });

  it('runs without a job that was cancelled before; one that is cancelled while it runs has its own signal', async () => {
    const gate = new Gate();
    const aborted: unknown[] = [];
    await worker({ graceMs: 1_000 }, async (jobs) => {
      await gate.opened;
      aborted.push(...jobs.map(({ signal }) => signal.aborted));
    });
    const jobs = await addAll(1, 2, 3);
    await clock.advance(500);
    expect(await queue.cancel(jobs[0]!.id)).toEqual(['cancelled']);
    await clock.advance(500);
    expect(ran).toEqual([[1_000, [2, 3]]]);
    expect(await queue.cancel(jobs[1]!.id)).toEqual(['cancelled while active']);
    await clock.advance(100);
    gate.open();
    await clock.advance(100);
    expect(aborted).toEqual([true, false]);
    expect(await states(jobs)).toEqual(['cancelled', 'cancelled', 'completed']);
  });

  it('takes one slot for each batch', async () => {
    const gates = new Map([1, 2, 3].map((n) => [n, new Gate()]));
    await worker({ graceMs: 1_000, key: byUser }, (jobs) => gates.get(jobs[0]!.data.n)!.opened, { concurrency: 2 });
    for (const [n, user] of [
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ] as const) {
      await add(n, user);
      await add(10 * n, user);
      await clock.advance(100);
    }
    await clock.advance('10s');
    expect(ran.map(([, ns]) => ns)).toEqual([
      [1, 10],
      [2, 20],
    ]);
    gates.get(1)!.open();
    await clock.advance('10s');
    expect(ran.map(([, ns]) => ns)).toEqual([
      [1, 10],
      [2, 20],
      [3, 30],
    ]);
    for (const gate of gates.values()) gate.open();
  });

  it('runs as many at once as its own concurrency says', async () => {
    const gate = new Gate();
    await worker({ graceMs: 1_000, concurrency: 1, key: byUser }, () => gate.opened);
    for (const user of ['a', 'b']) await add(user === 'a' ? 1 : 2, user);
    await clock.advance('10s');
    expect(ran).toHaveLength(1);
    gate.open();
    await clock.advance('10s');
    expect(ran.map(([, ns]) => ns)).toEqual([[1], [2]]);
  });

  it('tells hooks of each job', async () => {
    const told: unknown[] = [];
    await worker(
      { graceMs: 1_000, maxAttempts: 1 },
      (jobs) =>
        Promise.allSettled(jobs.map(async ({ data }) => (data.n === 1 ? 'ok' : Promise.reject(new Error('no'))))),
      {
        hooks: {
          onStart: (run) => void told.push(['start', (run.data as Note).n]),
          onSuccess: (run, result) => void told.push(['success', (run.data as Note).n, result]),
          onPermanentFailure: (run, error) => void told.push(['failure', (run.data as Note).n, error.message]),
        },
      },
    );
    await addAll(1, 2);
    await clock.advance('1m');
    expect(told).toEqual([
      ['start', 1],
      ['start', 2],
      ['success', 1, 'ok'],
      ['failure', 2, 'no'],
    ]);
  });

  it('checks each job against the schema of the handler', async () => {
    const schema = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) =>
          (value as Note).n > 0
            ? { value: { user: 'checked', n: (value as Note).n } }
            : { issues: [{ message: 'too small' }] },
      },
    };
    const seen: unknown[] = [];
    await worker({ graceMs: 1_000, schema }, (jobs) => void seen.push(...jobs.map(({ data }) => data.user)));
    const jobs = await addAll(0, 1);
    await clock.advance('1m');
    expect([seen, await states(jobs)]).toEqual([['checked'], ['broken', 'completed']]);
  });

  it('gets them when somebody says so, and tells what waits [seed:A13]', async () => {
    await worker({ graceMs: 60_000, key: byUser });
    await add(1, 'ada');
    await clock.advance(1_000);
    const [bob, eve] = [await add(2, 'bob'), await add(3, 'eve')];
    await clock.advance(1_000);
    const { batches, cursor } = await queue.batches.list({ limit: 1 });
    expect(batches).toEqual([
      { name: 'notify', key: 'ada', size: 1, openedAt: new Date(start), runAt: new Date(start + 60_000) },
    ]);
    expect((await queue.batches.list({ cursor })).batches.map(({ key }) => key)).toEqual(['bob', 'eve']);
    expect((await queue.get(bob.id))?.runAt).toEqual(new Date(start + 61_000));
    expect(await queue.batches.flush('notify', 'bob')).toBe(1);
    await clock.advance(0);
    expect(await queue.promote(eve.id, bob.id)).toEqual(['waiting', 'was not delayed']);
    expect(await queue.batches.flush('notify')).toBe(1);
    expect(await queue.batches.flush('notify')).toBe(0);
    await clock.advance(0);
    expect(new Set(ran.map(([, [n]]) => n))).toEqual(new Set([1, 2, 3]));
  });

  it('gives back what it holds when it stops: another worker collects it again', async () => {
    const gate = new Gate();
    const first = await worker({ graceMs: 1_000 }, () => gate.opened, { shutdownTimeoutMs: 0 });
    const jobs = await addAll(1, 2, 3);
    await clock.advance(1_000);
    const stopped = first.stop();
    await clock.advance(1);
    await stopped;
    gate.open();
    expect(await states(jobs)).toEqual(['waiting', 'waiting', 'waiting']);
    await worker({ graceMs: 1_000 });
    await clock.advance('1m');
    expect(ran.map(([, ns]) => ns)).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    expect((await queue.get(jobs[0]!.id))?.failures).toBe(0);
  });

  it('does not fire in a queue that is paused', async () => {
    await worker({ graceMs: 1_000 });
    await addAll(1, 2);
    await clock.advance(500);
    await queue.pause();
    await clock.advance('1h');
    expect(ran).toEqual([]);
    await queue.resume();
    await clock.advance(1_000);
    expect(ran.map(([, ns]) => ns)).toEqual([[1, 2]]);
  });
});
