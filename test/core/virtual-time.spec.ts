import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  type ActiveJob,
  type AnyJobs,
  type Connection,
  type Queue,
  QueueMismatchError,
  VirtualClock,
} from '@millrace/core';
import { sleep } from '@millrace/core/internal';
import { SCRIPTS } from '../../libs/core/dist/redis/scripts.generated.js';
import { EventReader } from './support/event-reader.ts';
import { Harness } from './support/harness.ts';

const HOUR_MS = 3_600_000;

describe('virtual time', () => {
  let harness: Harness;
  let clock: VirtualClock;
  let connection: Connection;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    ({ clock, connection, queue } = await harness.timed());
  });

  afterEach(() => harness.close());

  it('runs a job that is delayed by a day at its time, in milliseconds, and workers keep their leases [core:A20, seed:O1]', async () => {
    const ran: Date[] = [];
    const handler = (): void => void ran.push(new Date(clock.now()));
    const workers = [await harness.worker({ connection, handler }), await harness.worker({ connection, handler })];
    const epochs = workers.map((worker) => worker.health().queues[0]?.epoch);
    const { runAt } = await queue.add('first', 1, { delayMs: 24 * HOUR_MS });
    const began = performance.now();
    await clock.advance(24 * HOUR_MS - 1);
    expect(ran).toEqual([]);
    await clock.advance(1);
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(ran).toEqual([runAt]);
    expect(workers.map((worker) => worker.health().queues[0]?.epoch)).toEqual(epochs);
  });

  it('keeps the lease of a job that runs for half a day beside another worker [core:A20]', async () => {
    let runs = 0;
    const handler = async (job: ActiveJob): Promise<string> => {
      runs += 1;
      await sleep(clock, 12 * HOUR_MS);
      return job.signal.aborted ? 'aborted' : 'done';
    };
    for (let n = 0; n < 2; n++) await harness.worker({ connection, handler });
    const { id } = await queue.add('first', 1);
    const result = queue.result(id, { timeoutMs: 24 * HOUR_MS });
    for (let n = 0; n < 24; n++) await clock.advance('30m');
    expect(await result).toBe('done');
    expect(runs).toBe(1);
  });

  it('tries again at the time of each backoff, and not before [seed:I12]', async () => {
    const ranAt: number[] = [];
    const start = clock.now();
    const handler = (): never => {
      ranAt.push(clock.now() - start);
      throw new Error('no');
    };
    await harness.worker({ connection, handler });
    const backoff = { type: 'exponential', delayMs: HOUR_MS, maxMs: 24 * HOUR_MS, jitter: 0 } as const;
    const { id } = await queue.add('first', 1, { maxAttempts: 4, backoff });
    await clock.advance('7d');
    expect(ranAt).toEqual([0, HOUR_MS, 3 * HOUR_MS, 7 * HOUR_MS]);
    expect((await queue.get(id))?.state).toBe('failed');
  });

  it('ends attempts at their deadlines', async () => {
    const handler = (job: ActiveJob): Promise<number> =>
      new Promise((resolve) => job.signal.addEventListener('abort', () => resolve(clock.now())));
    await harness.worker({ connection, handler });
    const job = await queue.add('first', 1, { timeoutMs: HOUR_MS, maxAttempts: 1 });
    await clock.advance(HOUR_MS - 1);
    expect((await queue.get(job.id))?.state).toBe('active');
    await clock.advance('1s');
    expect(await queue.get(job.id)).toMatchObject({ state: 'timed_out', durationMs: HOUR_MS });
  });

  it('runs many jobs in the order of their times, each at its own [seed:O1]', async () => {
    const ran: [unknown, number][] = [];
    const start = clock.now();
    await harness.worker({ connection, handler: ({ data }) => void ran.push([data, clock.now() - start]) });
    const delays = [50, 3, 1_000, 700, 7, 7, 80_000, 90_000].map((minutes) => minutes * 60_000);
    await queue.addMany(delays.map((delayMs) => ({ name: 'first', data: delayMs, options: { delayMs } })));
    await clock.advance('60d');
    expect(ran).toEqual(
      delays
        .filter((ms) => ms <= 60 * 24 * HOUR_MS)
        .toSorted((a, b) => a - b)
        .map((ms) => [ms, ms]),
    );
  });

  it('makes no stop for those who only listen, who hear of all that happens afterwards [core:A20]', async () => {
    const reader = await EventReader.start(queue);
    const set = jest.spyOn(clock, 'setTimer');
    await clock.advance('6d');
    // It says once that it still listens, not each of the 26,000 times that real time would have seen.
    expect(set.mock.calls.length).toBeLessThan(10);
    const { id } = await queue.add('first', 1);
    await reader.until('the job', (events) => events.some((event) => event.id === id));
    await reader.stop();
  });

  it('goes with any clock of the port, such as one that waits for nothing', async () => {
    const hasty = new VirtualClock();
    const own = await harness.connect({ clock: hasty });
    const other = await harness.queue('hasty', { connection: own });
    await harness.worker({ connection: own, queues: 'hasty', handler: () => 'done' });
    const { id } = await other.add('first', 1, { delayMs: 24 * HOUR_MS });
    await hasty.advance('1d');
    expect(await other.result(id)).toBe('done');
  });
});

describe('a time that a client gives', () => {
  let harness: Harness;

  beforeEach(() => {
    harness = new Harness();
  });

  afterEach(() => harness.close());

  const keyspace = async (): Promise<unknown> => (await harness.connection).client.call('DEBUG', 'DIGEST');

  it('is refused by a queue that lives by the clock of Redis, before anything is written [core:A20] [seed:R14]', async () => {
    const real = await harness.queue();
    await real.add('first', 1, { id: 'x' });
    const before = await keyspace();
    const virtual = await harness.queue('mail', { connection: await harness.connect({ clock: new VirtualClock() }) });
    const calls = [() => virtual.add('first', 1), () => virtual.cancel('x'), () => virtual.counts()];
    for (const call of calls) {
      const error = await call().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(QueueMismatchError);
      expect(error).toMatchObject({ property: 'time', registered: 'real', declared: 'virtual' });
    }
    expect(await keyspace()).toBe(before);
  });

  it('is refused by every command of the core, whoever calls it [core:A20] [seed:R14]', async () => {
    const real = await harness.queue();
    await real.add('first', 1, { id: 'x' });
    const { client } = await harness.connection;
    const before = await keyspace();
    const timed = SCRIPTS.filter(({ source }) => source.includes('now_arg') && source.includes("'virtual') ~= '1'"));
    expect(timed.length).toBeGreaterThan(10);
    for (const { source } of timed) {
      const answer = await client
        .eval(source, 1, `${harness.prefix}:{mail}`, '1767225600000', ...Array<string>(8).fill('1'))
        .catch(String);
      expect(answer).toContain('QUEUE_MISMATCH');
    }
    expect(await keyspace()).toBe(before);
  });

  it('is wanted by a queue that lives by virtual time: the clock of Redis is refused there', async () => {
    const virtual = await harness.queue('mail', { connection: await harness.connect({ clock: new VirtualClock() }) });
    await virtual.add('first', 1);
    const before = await keyspace();
    const real = await harness.queue();
    await expect(real.add('first', 1)).rejects.toMatchObject({ code: 'QUEUE_MISMATCH', registered: 'virtual' });
    await expect(harness.worker({ handler: () => 1 })).rejects.toBeInstanceOf(QueueMismatchError);
    expect(await keyspace()).toBe(before);
  });
});
