import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Worker, type ActiveJob, type AnyJobs, type Queue, type WorkerOptions } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from './support/gate.ts';

const WEIGHTS = { critical: 6, default: 3, low: 1 };

describe('the order in which a worker serves its queues', () => {
  let harness: Harness;
  let queues: Map<string, Queue<AnyJobs>>;
  let order: string[];
  let workers: Worker[];

  beforeEach(async () => {
    harness = new Harness();
    queues = new Map();
    order = [];
    workers = [];
    for (const name of Object.keys(WEIGHTS)) queues.set(name, await harness.queue(name));
  });

  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await harness.close();
  });

  async function add(name: string, count: number): Promise<void> {
    const queue = queues.get(name)!;
    for (let left = count; left > 0; left -= 1_000) {
      await queue.addMany(Array.from({ length: Math.min(left, 1_000) }, (_, data) => ({ name: 'any', data })));
    }
  }

  const note = ({ queue }: { queue: string }): void => void order.push(queue);
  const noteSlowly = async (job: { queue: string }): Promise<void> => {
    note(job);
    await new Promise((resolve) => setTimeout(resolve, 3));
  };

  /** Begins when all its queues are open: whichever is first would be alone for a while. */
  async function work(settings: Partial<WorkerOptions>): Promise<Worker> {
    const connection = await harness.connection;
    const lease = { keeper: 'main' } as const;
    const options = { queues: WEIGHTS, handler: note, concurrency: 10, lease, shutdownTimeoutMs: 200, ...settings };
    const worker = new Worker({ ...options, connection });
    workers.push(worker);
    worker.pause();
    await worker.start();
    worker.resume();
    return worker;
  }

  function ran(count: number): Promise<unknown> {
    return waitFor(`${count} jobs to run`, () => order.length >= count, { timeoutMs: 30_000 });
  }

  /** How many of the first `of` jobs each queue had. */
  function shares(of: number): Record<string, number> {
    const first = order.slice(0, of);
    return Object.fromEntries([...queues.keys()].map((name) => [name, first.filter((one) => one === name).length]));
  }

  it.each([1, 10, 200])(
    'weighs them 60, 30 and 10 of a hundred over 10,000 jobs, as long as all have jobs, at concurrency %i [seed:A2]',
    async (concurrency) => {
      await Promise.all([add('critical', 6_500), add('default', 3_500), add('low', 1_500)]);
      const worker = await work({ concurrency });
      await ran(11_500);
      await worker.stop();
      const { critical = 0, default: middle = 0, low = 0 } = shares(10_000);
      // What a draw by weight would deviate by, three times out of a thousand (asynq draws).
      expect(Math.abs(critical - 6_000)).toBeLessThan(150);
      expect(Math.abs(middle - 3_000)).toBeLessThan(140);
      expect(Math.abs(low - 1_000)).toBeLessThan(90);
    },
  );

  it('weighs slow jobs the same, of which none are taken ahead [seed:A2] [core:B8]', async () => {
    await Promise.all([add('critical', 800), add('default', 500), add('low', 300)]);
    await work({ handler: noteSlowly, prefetch: 0 });
    await ran(1_000);
    const { critical = 0, default: middle = 0, low = 0 } = shares(1_000);
    expect(Math.abs(critical - 600)).toBeLessThan(45);
    expect(Math.abs(middle - 300)).toBeLessThan(45);
    expect(Math.abs(low - 100)).toBeLessThan(30);
  });

  it('gives what an empty queue leaves to the others, without a pause, and owes it nothing later [seed:A2] [seed:A4]', async () => {
    await add('low', 3_000);
    await work({});
    // Only the lightest has jobs, so they are all that runs; the poll of an empty queue is a second at least.
    const began = performance.now();
    await ran(3_000);
    expect(performance.now() - began).toBeLessThan(5_000);
    order.length = 0;
    await Promise.all([add('critical', 2_000), add('default', 2_000), add('low', 2_000)]);
    await ran(6_000);
    // Three thousand jobs behind, the heaviest still has no more than its weight.
    const low = order.indexOf('low');
    expect(low).toBeGreaterThanOrEqual(0);
    expect(low).toBeLessThan(2_000);
  });

  it('does not wait for a queue that is paused [seed:Q25] [seed:A2]', async () => {
    await queues.get('critical')!.pause();
    await Promise.all([add('critical', 500), add('default', 1_500), add('low', 500)]);
    await work({});
    await ran(2_000);
    expect(shares(2_000)).toMatchObject({ critical: 0 });
    expect(Math.abs(shares(1_500)['low']! - 375)).toBeLessThan(80);
    await queues.get('critical')!.resume();
    await ran(2_500);
  });

  it.each([
    ['strict', WEIGHTS],
    ['strict', { low: 1, critical: 6, default: 3 }],
    ['strict', ['critical', 'default', 'low']],
    ['ordered', ['critical', 'default', 'low']],
  ] as const)('runs a queue only while those before it are empty: %s %j [seed:A3] [seed:R8]', async (how, of) => {
    await Promise.all([add('critical', 2_000), add('default', 2_000), add('low', 2_000)]);
    await work({ order: how, queues: of });
    await ran(6_000);
    const expected = ['critical', 'default', 'low'].flatMap((name) => Array<string>(2_000).fill(name));
    expect(order).toEqual(expected);
  });

  it('strict: what comes into the first queue passes what was taken ahead of a later one [seed:A3] [core:B8]', async () => {
    const gate = new Gate();
    await add('low', 50);
    const handler = async (job: { queue: string }): Promise<void> => {
      note(job);
      await gate.opened;
    };
    await work({ order: 'strict', concurrency: 1, prefetch: 20, handler });
    await waitFor('jobs to be taken ahead', async () => (await queues.get('low')!.counts()).active === 21);
    await add('critical', 5);
    await waitFor('the first queue to be asked', async () => (await queues.get('critical')!.counts()).active === 5);
    gate.open();
    await ran(55);
    expect(order.slice(0, 6)).toEqual(['low', ...Array<string>(5).fill('critical')]);
  });

  it.each([1, 10])('round-robin: each in turn, at concurrency %i [seed:R8]', async (concurrency) => {
    await Promise.all([add('critical', 3_000), add('default', 3_000), add('low', 3_000)]);
    await work({ queues: ['critical', 'default', 'low'], concurrency });
    await ran(9_000);
    for (const share of Object.values(shares(6_000))) expect(Math.abs(share - 2_000)).toBeLessThan(100);
  });

  it('runs the jobs of a queue by its own handlers and defaults, where it has them', async () => {
    const seen: string[] = [];
    const say = (who: string) => (job: ActiveJob) => void seen.push(`${who}: ${job.queue} ×${job.maxAttempts}`);
    await work({
      queues: [
        { name: 'critical', handlers: { any: say('own') }, defaults: { maxAttempts: 2 } },
        { name: 'low', handlers: { other: say('other') } },
        'default',
      ],
      handler: say('shared'),
      defaults: { maxAttempts: 5 },
    });
    for (const name of queues.keys()) await add(name, 1);
    await waitFor('two jobs to run', () => seen.length === 2);
    expect(seen.sort()).toEqual(['own: critical ×2', 'shared: default ×5']);
    await waitFor('the third to be unclaimed', async () => (await queues.get('low')!.counts()).unclaimed === 1);
    const names = async (name: string) =>
      (await queues.get(name)!.workers()).map(({ info }) => (info as { names: string[] }).names);
    expect(await Promise.all(['critical', 'low', 'default'].map(names))).toEqual([[['any']], [['other']], [['*']]]);
  });

  it('needs no handler of the worker where each queue has its own', () => {
    const options = { connection: {}, queues: [{ name: 'a', handlers: { x: note } }] } as never as WorkerOptions<never>;
    expect(() => new Worker({ ...options, queues: [...(options.queues as []), 'b'] })).toThrow(/handlers/);
    expect(() => new Worker({ ...options, queues: [{ name: 'a', handlers: { x: 5 } }] as never })).toThrow(
      /queues\.a\.handlers/,
    );
  });

  it('pauses one queue, or all', async () => {
    const worker = await work({});
    worker.pause('critical');
    expect(worker.state).toBe('running');
    await Promise.all([add('critical', 1), add('low', 1)]);
    await ran(1);
    expect(order).toEqual(['low']);
    worker.pause();
    expect(worker.state).toBe('paused');
    worker.resume('critical');
    expect(worker.state).toBe('running');
    await ran(2);
    expect(() => worker.pause('lov')).toThrow('a queue of this worker: critical, default, low');
  });

  it('refuses weights that an order has no use for [seed:A2]', () => {
    const options = { connection: {}, handler: note } as never as WorkerOptions<never>;
    for (const how of ['round-robin', 'ordered'] as const) {
      expect(() => new Worker({ ...options, queues: WEIGHTS, order: how })).toThrow(/order/);
    }
    expect(() => new Worker({ ...options, queues: { a: 0 } })).toThrow(/queues\.a/);
    expect(() => new Worker({ ...options, queues: { a: 1.5 } })).toThrow(/queues\.a/);
    expect(() => new Worker({ ...options, queues: {} })).toThrow(/at least one queue/);
  });
});
