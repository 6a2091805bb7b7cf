import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ActiveJob, Job } from '@millrace/core';
import { callsOf } from '../core/support/calls-of.ts';
import { Random } from '../lua/support/random.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { fetching } from './support/exchanges.ts';
import { PATIENCE, ProxiedWorker } from './support/proxied-worker.ts';

/** The same again: the seed of a run that failed is in its title. */
const SEED = Number(process.env['MILLRACE_STOP_SEED'] ?? Math.floor(Math.random() * 1_000_000));
const ROUNDS = 25;

describe('a worker that is stopped while it fetches', () => {
  let scene: ProxiedWorker;

  beforeEach(async () => {
    scene = await ProxiedWorker.prepare();
  });
  afterEach(() => scene.close());

  /** All jobs wait again, in their order, as if they had never been leased. */
  async function areBack(jobs: readonly Job[]): Promise<void> {
    expect(await scene.traces()).toEqual([]);
    expect(await scene.queue.counts()).toMatchObject({ waiting: jobs.length, active: 0 });
    const order: string[] = [];
    const note = ({ id, attempt }: ActiveJob): void => void order.push(`${id} ${attempt}`);
    await scene.start({ handler: note, concurrency: 1 });
    await scene.ended(jobs);
    expect(order).toEqual(jobs.map(({ id }) => `${id} 1`));
  }

  it('holds nothing of an answer that came after the stop [core:B1]', async () => {
    const { witness, proxy, queue } = scene;
    const jobs = await scene.add(20);
    await queue.pause();
    const worker = await scene.start({ handler: witness.handler(), concurrency: 10, prefetch: 5 });
    // Long enough for the jobs to be seen as leased, and the worker to be stopped, before the answer is there.
    proxy.delay(700);
    await queue.resume();
    await waitFor('jobs to be leased', async () => (await queue.counts()).active > 0, PATIENCE);
    await worker.stop();
    await proxy.pass();
    expect(witness.runs).toEqual([]);
    await areBack(jobs);
  });

  it('holds nothing of an answer that never came [core:B1] [core:A1]', async () => {
    const { witness, proxy, queue } = scene;
    const jobs = await scene.add(20);
    const cut = proxy.cutAfterExecuted(fetching);
    const starting = scene.start({ handler: witness.handler(), concurrency: 10, prefetch: 5 });
    await within('the cut', cut, PATIENCE.timeoutMs);
    proxy.refuse();
    const worker = await starting;
    expect((await queue.counts()).active).toBeGreaterThan(0);
    const stopping = worker.stop();
    await proxy.pass();
    await within('the stop', stopping, PATIENCE.timeoutMs);
    expect(witness.runs).toEqual([]);
    await areBack(jobs);
  });

  it.each([SEED])(
    'leases and loses nothing at whatever moment it is stopped (MILLRACE_STOP_SEED=%i) [core:B1]',
    async (seed) => {
      const random = new Random(seed);
      const { witness, proxy, queue } = scene;
      const jobs = await scene.add(3_000);
      proxy.delay(0, 10);
      for (let round = 0; round < ROUNDS; round++) {
        if (random.chance(0.3)) void proxy.cutAfterExecuted(callsOf('exchange'));
        const worker = await scene.start({ handler: witness.handler(), concurrency: 4, prefetch: 10 });
        await new Promise((resolve) => setTimeout(resolve, random.int(60)));
        await within('the stop', worker.stop(), PATIENCE.timeoutMs);
        expect(await scene.traces()).toEqual([]);
        const { waiting, completed, active } = await queue.counts();
        expect([waiting + completed, active]).toEqual([jobs.length, 0]);
        await proxy.pass();
        proxy.delay(0, 10);
      }
      expect(new Set(witness.runs).size).toBe(witness.runs.length);
    },
    60_000,
  );
});
