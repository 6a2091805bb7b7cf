import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type ActiveJob,
  type AnyJobs,
  CancelError,
  type Connection,
  type ErrorRule,
  type FailureInfo,
  type HandlerDefinition,
  InvalidOptionError,
  type Job,
  type Queue,
  SnoozeError,
  UnrecoverableError,
  type VirtualClock,
  Worker,
} from '@millrace/core';
import { Harness } from '../core/support/harness.ts';

const MINUTE = 60_000;

class RateError extends Error {
  readonly code = 'E_RATE';
}
class NetworkError extends Error {
  readonly code = 'E_NETWORK';
}
class ResetError extends NetworkError {}

describe('an attempt that threw', () => {
  let harness: Harness;
  let clock: VirtualClock;
  let connection: Connection;
  let queue: Queue<AnyJobs>;
  /** When the job ran, in ms after it was added. */
  let ranAt: number[];

  beforeEach(async () => {
    harness = new Harness();
    ({ clock, connection, queue } = await harness.timed());
    ranAt = [];
  });

  afterEach(() => harness.close());

  /** Runs one job, which throws what `thrown` gives for its runs, for an hour. */
  async function run(
    thrown: (run: number, job: ActiveJob) => unknown,
    definition: Omit<HandlerDefinition, 'run'> = {},
    options: Parameters<Queue<AnyJobs>['add']>[2] = {},
  ): Promise<Job> {
    const began = clock.now();
    const handler = (job: ActiveJob): string => {
      ranAt.push(clock.now() - began);
      const error = thrown(ranAt.length, job);
      if (error !== undefined) throw error;
      return 'done';
    };
    await harness.worker({ connection, handlers: { ship: { ...definition, run: handler } } });
    const { id } = await queue.add('ship', 1, options);
    await clock.advance('1h');
    return (await queue.get(id))!;
  }

  const rule = (on: ErrorRule['on'], more: Omit<ErrorRule, 'on'> = {}): ErrorRule => ({ on, ...more });
  const every = (delayMs: number) => ({ type: 'fixed', delayMs }) as const;

  describe('by a rule for errors of its class', () => {
    it('fails at once, or is cancelled; errors of other classes are retried as always [seed:O11]', async () => {
      const onError = [rule(NetworkError, { mode: 'fail' }), rule(RateError, { mode: 'cancel' })];
      expect(await run(() => new ResetError('no'), { onError })).toMatchObject({ state: 'failed', failures: 1 });
      await harness.close();
      harness = new Harness();
      clock = harness.virtualClock();
      connection = await harness.connect({ clock });
      queue = await harness.queue('mail', { connection });
      ranAt = [];
      expect((await run(() => new RateError('no'), { onError })).state).toBe('cancelled');
      expect(ranAt).toEqual([0]);
    });

    it('is not counted [seed:A6, seed:O11]', async () => {
      const onError = [rule(RateError, { mode: 'uncounted', backoff: every(MINUTE) })];
      const job = await run((n) => (n <= 20 ? new RateError('no') : undefined), { onError }, { maxAttempts: 1 });
      expect(job).toMatchObject({ state: 'completed', failures: 0 });
      expect(ranAt).toEqual(Array.from({ length: 21 }, (_, n) => n * MINUTE));
      expect(await queue.stats()).toMatchObject({ failures: 0, retried: 0, failed: 0, completed: 1 });
    });

    it('waits by a backoff of its own, counted by the attempts that ended by the same kind [seed:R9, seed:A5]', async () => {
      const doubling = { type: 'exponential', delayMs: MINUTE, jitter: 0, maxMs: 60 * MINUTE } as const;
      const onError = [rule(NetworkError, { backoff: doubling }), rule(RateError, { backoff: every(1_000) })];
      const errors = [new NetworkError(), new RateError(), new RateError(), new ResetError(), new NetworkError()];
      await run((n) => errors[n - 1], { onError });
      const waits = ranAt.slice(1).map((at, n) => at - ranAt[n]!);
      expect(waits).toEqual([MINUTE, 1_000, 1_000, 2 * MINUTE, 4 * MINUTE]);
    });

    it('is the last one after as many of the same kind as the rule allows [seed:R9]', async () => {
      const onError = [rule(RateError, { mode: 'uncounted', backoff: every(1_000), max: 3 })];
      const errors = [new RateError(), new NetworkError(), new RateError(), new RateError(), new RateError()];
      const job = await run((n) => errors[n - 1], { onError, backoff: every(1_000) });
      expect([job.state, ranAt.length]).toEqual(['failed', 5]);
      expect((await queue.failures()).groups[0]?.group).toBe('ship:E_RATE');
      await queue.retry(job.id);
      // It begins to count anew: else the first would be the last.
      [ranAt.length, errors.length] = [0, 3];
      await clock.advance('1h');
      expect(ranAt.length).toBe(4);
      expect((await queue.get(job.id))?.state).toBe('completed');
    });

    it('is told to the rule before the hooks, with what comes of it; a rule that throws changes nothing [seed:O11, seed:A7]', async () => {
      const told: [string, string, boolean][] = [];
      const tell = (_: unknown, error: Error, { willRetry }: FailureInfo): void => {
        told.push(['rule', error.message, willRetry]);
        throw new Error('a rule that throws');
      };
      const handler = (): never => {
        throw new RateError('slow down');
      };
      const onError = [rule(RateError, { tell }), rule(Error, { tell: () => told.push(['other', '', false]) })];
      await harness.worker({
        connection,
        handlers: { ship: { onError, maxAttempts: 2, backoff: every(MINUTE), run: handler } },
        hooks: { onFailure: (_, error, { willRetry }) => void told.push(['hook', error.message, willRetry]) },
      });
      await queue.add('ship', 1);
      await clock.advance('5m');
      expect(told).toEqual([
        ['rule', 'slow down', true],
        ['hook', 'slow down', true],
        ['rule', 'slow down', false],
        ['hook', 'slow down', false],
      ]);
    });

    it.each([
      [{ onError: 'no' }],
      [{ onError: [{}] }],
      [{ onError: [{ on: 'RateError' }] }],
      [{ onError: [{ on: RateError, mode: 'later' }] }],
      [{ onError: [{ on: RateError, max: 91 }] }],
      [{ onError: [{ on: RateError, backoff: { type: 'fixed' } }] }],
    ])('is refused where the rule is none: %j', (definition) => {
      const handlers = { ship: { run: () => {}, ...definition } as never };
      expect(() => new Worker({ connection, queues: 'mail', handlers })).toThrow(InvalidOptionError);
    });
  });

  describe('without a rule', () => {
    it('is followed by others until ten have failed, and the job keeps the last error [seed:I11, seed:O8] [seed:H5]', async () => {
      const job = await run((n) => new Error(`no ${n}`), { backoff: every(1_000) });
      expect([job.state, ranAt.length, job.error?.message]).toEqual(['failed', 10, 'no 10']);
    });

    it('is followed by as many as the job says, its error is there while it waits, and the group is its kind [seed:Q8, seed:O8]', async () => {
      const job = await run((n) => new RateError(`no ${n}`), { backoff: every(90 * MINUTE) }, { maxAttempts: 2 });
      expect(job).toMatchObject({ state: 'retrying', failures: 1, error: { message: 'no 1' } });
      await clock.advance('1h');
      expect((await queue.failures()).groups).toMatchObject([{ group: 'ship:E_RATE', count: 1 }]);
    });

    it.each([
      [every(30_000), [0, 30_000, 60_000]],
      [{ type: 'exponential', delayMs: 10_000, jitter: 0 } as const, [0, 10_000, 30_000]],
    ])('waits by %j [seed:I12]', async (backoff, at) => {
      await run(() => new Error('no'), { backoff, maxAttempts: 3 });
      expect(ranAt).toEqual(at);
    });

    it('waits as Sidekiq does: n⁴ + 15 + up to 29·(n + 1) seconds [seed:A5]', async () => {
      await run(() => new Error('no'), { backoff: { type: 'sidekiq' }, maxAttempts: 4 });
      const waits = ranAt.slice(1).map((at, n) => (at - ranAt[n]!) / 1_000);
      waits.forEach((seconds, i) => {
        const n = i + 1;
        expect(seconds).toBeGreaterThanOrEqual(n ** 4 + 15);
        expect(seconds).toBeLessThanOrEqual(n ** 4 + 15 + 29 * (n + 1));
      });
      expect(waits).toHaveLength(3);
    });

    it('waits as a function of the failures, the error and the job says [seed:A5, seed:O8]', async () => {
      const backoffs = {
        asTold: (n: number, error: Error, job: ActiveJob) =>
          error instanceof RateError ? n * MINUTE : (job.data as number) * 1_000,
      };
      const handler = (job: ActiveJob): never => {
        ranAt.push(clock.now());
        throw job.failures === 1 ? new NetworkError('no') : new RateError('no');
      };
      await harness.worker({ connection, backoffs, handlers: { ship: handler } });
      await queue.add('ship', 7, { maxAttempts: 4, backoff: { type: 'custom', name: 'asTold' } });
      await clock.advance('1h');
      expect(ranAt.slice(1).map((at, n) => at - ranAt[n]!)).toEqual([MINUTE, 7_000, 3 * MINUTE]);
    });

    it('is not counted where isFailure says so: neither for the job nor in the statistics, but bounded [seed:A6]', async () => {
      const isFailure = (error: Error): boolean => !(error instanceof NetworkError);
      const job = await run(() => new NetworkError('no'), { isFailure, backoff: every(1_000), maxUncounted: 30 });
      expect([job.state, ranAt.length, job.failures]).toEqual(['failed', 31, 1]);
      expect(await queue.stats()).toMatchObject({ failures: 1, retried: 0, failed: 1 });
    });

    it('ends the job as the class of the error says [seed:A21] [seed:H5, seed:A7]', async () => {
      const cases = {
        done: undefined,
        skip: new UnrecoverableError('useless'),
        revoke: new CancelError('not any more'),
        later: new SnoozeError({ delayMs: 90 * MINUTE }),
        again: new Error('no'),
      };
      const handler = ({ data }: ActiveJob): unknown => {
        const error = cases[data as keyof typeof cases];
        if (error !== undefined) throw error;
        return 'done';
      };
      await harness.worker({ connection, handlers: { ship: { run: handler, backoff: every(90 * MINUTE) } } });
      const jobs = await queue.addMany(Object.keys(cases).map((data) => ({ name: 'ship', data })));
      await clock.advance('1h');
      const states = await Promise.all(jobs.map(async ({ id }) => (await queue.get(id))?.state));
      expect(states).toEqual(['completed', 'failed', 'cancelled', 'delayed', 'retrying']);
    });

    it('runs again at the back at once, and nothing is counted, when the handler asks for that [seed:H4]', async () => {
      const ran: unknown[] = [];
      const handler = ({ data }: ActiveJob): void => {
        ran.push(data);
        if (data === 'again' && ran.length < 40) throw new SnoozeError({ delayMs: 0 });
      };
      await harness.worker({ connection, concurrency: 1, prefetch: 0, handlers: { ship: handler } });
      const jobs = await queue.addMany(['again', 'one', 'two'].map((data) => ({ name: 'ship', data })));
      await clock.advance('1h');
      expect(ran.slice(0, 3)).toEqual(['again', 'one', 'two']);
      expect(ran).toHaveLength(40);
      expect(await queue.get(jobs[0]!.id)).toMatchObject({ state: 'completed', failures: 0 });
    });

    it('neither ends the worker nor the other jobs, whatever it threw [seed:H6]', async () => {
      const handler = ({ data }: ActiveJob): unknown => {
        if (data === 'fine') return 'done';
        throw data;
      };
      await harness.worker({ connection, handlers: { ship: { run: handler, maxAttempts: 1 } } });
      await queue.addMany([null, 'text', 7, 'fine', { a: 1 }, 'fine'].map((data) => ({ name: 'ship', data })));
      await clock.advance('1m');
      expect(await queue.counts()).toMatchObject({ completed: 2, failed: 4 });
    });
  });

  describe('or passed its deadline', () => {
    const forever = (): Promise<never> => new Promise(() => {});

    it('has none by default; with one it is tried again like a failure, and ends as timed_out [seed:I13, seed:I2, seed:A21]', async () => {
      const told: string[] = [];
      await harness.worker({
        connection,
        handlers: { ship: { run: forever, backoff: every(MINUTE) } },
        hooks: {
          onFailure: () => void told.push('failure'),
          onTimeout: (_, { willRetry }) => void told.push(willRetry ? 'timeout' : 'last timeout'),
          onPermanentFailure: (_, __, { state }) => void told.push(state),
        },
      });
      const bounded = await queue.add('ship', 1, { timeoutMs: 5_000, maxAttempts: 2 });
      const free = await queue.add('ship', 2);
      await clock.advance('1h');
      expect((await queue.get(free.id))?.state).toBe('active');
      expect(await queue.get(bounded.id)).toMatchObject({
        state: 'timed_out',
        failures: 2,
        error: { kind: 'timeout' },
      });
      // Instead of onFailure.
      expect(told).toEqual(['timeout', 'last timeout', 'timed_out']);
      expect((await queue.history(bounded.id)).map(({ type, kind }) => [type, kind])).toEqual([
        ['added', undefined],
        ['retrying', 'timeout'],
        ['timed_out', 'timeout'],
      ]);
      await queue.cancel(free.id);
      await clock.advance('1m');
    });
  });
});
