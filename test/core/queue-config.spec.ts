import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, InvalidOptionError, type Queue, UnknownOptionError } from '@millrace/core';
import { QUEUE_CONFIG_DEFAULTS } from '../../libs/core/dist/options/index.js';
import { waitFor } from '../support/wait-for.ts';
import { Harness } from './support/harness.ts';

describe('the live configuration of a queue', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
  });

  afterEach(() => harness.close());

  /** How long the worker's lease lasts from now on, about. */
  async function leaseLeft(): Promise<number> {
    const [info] = await queue.workers();
    return (info?.leaseUntil.getTime() ?? NaN) - Date.now();
  }

  it('is the default until something is set, and what is set for every queue object', async () => {
    expect(await queue.config.get()).toEqual(QUEUE_CONFIG_DEFAULTS);
    const set = await queue.config.set({
      leaseMs: 20_000,
      keep: { completed: { count: 5 }, failed: { ageMs: 60_000 } },
    });
    expect(set).toMatchObject({
      leaseMs: 20_000,
      keep: {
        completed: { ...QUEUE_CONFIG_DEFAULTS.keep.completed, count: 5 },
        failed: { ...QUEUE_CONFIG_DEFAULTS.keep.failed, ageMs: 60_000 },
        broken: QUEUE_CONFIG_DEFAULTS.keep.broken,
      },
    });
    const other = await harness.queue('mail', { connection: await harness.connect() });
    expect(await other.config.get()).toEqual(set);
  });

  it('changes what is named and leaves the rest', async () => {
    await queue.config.set({ leaseMs: 20_000, keep: { completed: { count: 5, ageMs: 1_000 } } });
    await queue.config.set({ keep: { completed: { count: 6 } } });
    expect(await queue.config.get()).toMatchObject({
      leaseMs: 20_000,
      keep: { completed: { count: 6, ageMs: 1_000 } },
    });
  });

  it('has limits, which null and unset take away again, and of which events tell [seed:Q29]', async () => {
    const rateLimit = { max: 5, perMs: 1_000 };
    expect(await queue.config.set({ concurrency: 50, rateLimit })).toEqual({
      ...QUEUE_CONFIG_DEFAULTS,
      concurrency: 50,
      rateLimit,
    });
    const events = queue.events()[Symbol.asyncIterator]();
    const next = events.next();
    await waitFor('somebody to listen', async () => {
      const { client } = await harness.connection;
      return (await client.hget(`${harness.prefix}:{mail}:q`, 'bits'))?.includes('e') === true;
    });
    await queue.config.set({ concurrency: null, leaseMs: 20_000, keep: { completed: { count: 1 } } });
    expect((await next).value).toMatchObject({ type: 'configured', id: '', name: 'lease,concurrency,keep:completed' });
    await events.return?.();
    expect(await queue.config.set({ keep: { completed: null } })).toEqual({
      ...QUEUE_CONFIG_DEFAULTS,
      leaseMs: 20_000,
      rateLimit,
    });
    expect(await queue.config.unset('leaseMs', 'rateLimit', 'keep')).toEqual(QUEUE_CONFIG_DEFAULTS);
    await expect(queue.config.unset('lease' as 'leaseMs')).rejects.toBeInstanceOf(UnknownOptionError);
  });

  it.each([
    { concurrency: 0 },
    { concurrency: 1.5 },
    { rateLimit: { max: 0, perMs: 1_000 } },
    { rateLimit: { max: 5 } as never },
    { rateLimit: { max: 5, perMs: 90_000_000 } },
  ])('refuses a limit that is none: %j', async (patch) => {
    await expect(queue.config.set(patch)).rejects.toBeInstanceOf(InvalidOptionError);
  });

  it('refuses what is misspelt or out of range, before Redis is touched', async () => {
    await expect(queue.config.set({ leasMs: 1 } as object)).rejects.toBeInstanceOf(UnknownOptionError);
    for (const leaseMs of [0, 99, NaN, Infinity, '30000' as unknown as number]) {
      await expect(queue.config.set({ leaseMs })).rejects.toBeInstanceOf(InvalidOptionError);
    }
    expect(await queue.config.get()).toEqual(QUEUE_CONFIG_DEFAULTS);
  });

  it('reaches a worker within a second, which renews its lease at once [core:B4] [seed:Q29]', async () => {
    await harness.worker({ handler: () => 1, lease: { durationMs: 60_000 } });
    await queue.config.set({ leaseMs: 600 });
    await waitFor('the shorter lease', async () => (await leaseLeft()) <= 600, { timeoutMs: 1_000 });
    expect(await leaseLeft()).toBeLessThanOrEqual(600);
    await queue.config.set({ leaseMs: 6_000 });
    await waitFor('the longer lease', async () => (await leaseLeft()) > 4_000);
    await queue.config.set({ leaseMs: 600 });
    await waitFor('the shorter lease', async () => (await leaseLeft()) <= 600);
  });

  it.each([
    ['longer', 600, 10_000],
    ['shorter', 3_000, 600],
  ])('a lease made %s loses no job that runs [core:B4]', async (_, from, to) => {
    let runs = 0;
    const handler = async (job: { signal: AbortSignal }): Promise<string> => {
      runs += 1;
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      return job.signal.aborted ? 'aborted' : 'done';
    };
    const workers = [];
    for (const connection of [await harness.connect(), await harness.connect()]) {
      workers.push(await harness.worker({ connection, handler, lease: { durationMs: from } }));
    }
    const epochs = workers.map((worker) => worker.health().queues[0]?.epoch);
    const { id } = await queue.add('first', 1);
    await waitFor('the job to run', () => runs === 1);
    await queue.config.set({ leaseMs: to });
    expect(await queue.result(id)).toBe('done');
    expect(runs).toBe(1);
    expect(workers.map((worker) => worker.health().queues[0]?.epoch)).toEqual(epochs);
  });

  it('says how many finished jobs are kept, from the next ones on [seed:H8, seed:A24]', async () => {
    await queue.config.set({ keep: { completed: { count: 10 }, failed: { count: 0 } } });
    await harness.worker({
      handler: ({ name }) => {
        if (name === 'fails') throw new Error('no');
      },
    });
    await queue.addMany(Array.from({ length: 50 }, () => ({ name: 'first', data: 1 })));
    await queue.addMany(Array.from({ length: 5 }, () => ({ name: 'fails', data: 1, options: { maxAttempts: 1 } })));
    await waitFor('ten to be left', async () => {
      const { waiting, active, completed, failed } = await queue.counts();
      return waiting + active === 0 && completed === 10 && failed === 0;
    });
  });

  it('reads a bound that another client has left open', async () => {
    const { client } = await harness.connection;
    await queue.counts();
    await client.hset(`${harness.prefix}:{mail}:q`, 'keep:completed', ',5000', 'keep:failed', '7,');
    const { keep } = await queue.config.get();
    expect([keep.completed, keep.failed]).toEqual([
      { count: Infinity, ageMs: 5_000 },
      { count: 7, ageMs: Infinity },
    ]);
    await queue.config.set({ keep: { completed: { ageMs: 6_000 } } });
    expect((await queue.config.get()).keep.completed).toEqual({ count: Infinity, ageMs: 6_000 });
  });
});
