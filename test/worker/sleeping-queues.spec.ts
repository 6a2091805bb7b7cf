import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ActiveJob, AnyJobs, Connection, Queue, VirtualClock, WorkerOptions } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';

const NAMES = Array.from({ length: 12 }, (_, n) => `q${n}`);

/** In virtual time no poll comes: what starts without time going on was woken. */
describe('a queue that has nothing, of a worker that has others', () => {
  let harness: Harness;
  let clock: VirtualClock;
  let connection: Connection;
  let queues: Map<string, Queue<AnyJobs>>;
  let ran: string[];

  beforeEach(async () => {
    harness = new Harness();
    clock = harness.virtualClock();
    connection = await harness.connect({ clock });
    const elsewhere = await harness.connect({ clock });
    queues = new Map();
    for (const name of NAMES) queues.set(name, await harness.queue(name, { connection: elsewhere }));
    ran = [];
  });
  afterEach(() => harness.close());

  const handler = (job: ActiveJob): void => {
    ran.push(job.queue);
    if (job.name === 'flaky' && job.attempt === 1) throw new Error('once');
  };

  async function work(settings: Partial<WorkerOptions> = {}) {
    const { order = 'round-robin', concurrency = 1 } = settings;
    const worker = await harness.worker({ connection, queues: NAMES, handler, order, concurrency });
    await clock.advance(0);
    return worker;
  }

  it.each(['round-robin', 'ordered'] as const)('starts its jobs whenever some come: %s', async (order) => {
    await work({ order });
    for (const name of [...NAMES, ...NAMES.toReversed()]) {
      await queues.get(name)!.add('any', 1);
      await clock.advance(0);
      expect(ran.splice(0)).toEqual([name]);
    }
  });

  it('starts them when they were added in the same process', async () => {
    await work();
    for (const name of NAMES) {
      const queue = await harness.queue(name, { connection });
      await queue.addMany([
        { name: 'any', data: 1 },
        { name: 'any', data: 2 },
      ]);
      await clock.advance(0);
      expect(ran.splice(0)).toEqual([name, name]);
    }
  });

  it('starts a delayed one when it is due, and one that failed when its time has come', async () => {
    await work();
    await queues.get('q3')!.add('any', 1, { delayMs: 5_000 });
    await queues.get('q7')!.add('flaky', 1, { backoff: { type: 'fixed', delayMs: 60_000 } });
    await clock.advance(4_999);
    expect(ran.splice(0)).toEqual(['q7']);
    await clock.advance(1);
    expect(ran.splice(0)).toEqual(['q3']);
    await clock.advance('1m');
    expect(ran).toEqual(['q7']);
  });

  it('starts what came while it was paused, or the worker was', async () => {
    const worker = await work();
    await queues.get('q5')!.pause();
    worker.pause('q6');
    await clock.advance(0);
    for (const name of ['q5', 'q6', 'q8']) await queues.get(name)!.add('any', 1);
    await clock.advance(0);
    expect(ran.splice(0)).toEqual(['q8']);
    await queues.get('q5')!.resume();
    await clock.advance(0);
    expect(ran.splice(0)).toEqual(['q5']);
    worker.resume('q6');
    await clock.advance(0);
    expect(ran).toEqual(['q6']);
  });

  it('has its place in the order again', async () => {
    const worker = await work({ order: 'ordered' });
    worker.pause();
    for (const name of ['q9', 'q2', 'q4'])
      await queues.get(name)!.addMany([
        { name: 'any', data: 1 },
        { name: 'any', data: 2 },
      ]);
    worker.resume();
    await clock.advance(0);
    expect(ran).toEqual(['q2', 'q2', 'q4', 'q4', 'q9', 'q9']);
  });
});
