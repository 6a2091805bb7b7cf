import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AnyJobs, Job, Queue } from '@millrace/core';
import { callsOf } from '../core/support/calls-of.ts';
import { Proxy } from '../support/proxy.ts';
import { redisUrl } from '../support/redis.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { ofKeeper } from './support/exchanges.ts';
import { Fleet } from './support/fleet/fleet.ts';
import { PATIENCE, type WorkerProcess } from './support/fleet/worker-process.ts';

/** Longer than the keeper is cut off: else the lease would end by that. */
const LEASE_MS = 6_000;

describe('an attempt that the keeper ends at its deadline, while Redis does not hear of it', () => {
  let fleet: Fleet;
  let proxy: Proxy;
  let queue: Queue<AnyJobs>;
  let worker: WorkerProcess;
  /** The ends that the keeper hands in do not get through. */
  let isHeldUp: boolean;

  beforeAll(async () => {
    fleet = await Fleet.prepare();
    proxy = await Proxy.start(redisUrl());
    queue = await fleet.queue();
    worker = await fleet.process({ lease: { durationMs: LEASE_MS }, url: proxy.url });
    await worker.work('mail');
  }, 30_000);

  afterAll(async () => {
    await proxy.pass();
    await fleet.close();
    await proxy.close();
  });

  function holdUp(): void {
    proxy.at('before', ofKeeper, () => {
      if (isHeldUp) holdUp();
    });
  }

  /** A job that blocks the event loop past its deadline; resolves when the event loop goes on. */
  async function blocked(): Promise<Job> {
    isHeldUp = true;
    holdUp();
    const job = await queue.add('block', { ms: 1_500 }, { timeoutMs: 300, maxAttempts: 1 });
    const hasEnded = async (): Promise<boolean> => (await fleet.history.of('end', job)).length === 1;
    await waitFor('the event loop to go on', hasEnded, PATIENCE);
    return job;
  }

  it('is not given back when the worker reconciles: it is charged, and runs once [core:A1] [core:A7]', async () => {
    const blocking = await blocked();
    const reconciled = new Promise<void>((spring) => proxy.at('told', callsOf('reconcile'), spring));
    await within('the worker to reconcile', reconciled, PATIENCE.timeoutMs);
    expect((await queue.get(blocking.id))?.state).toBe('active');
    isHeldUp = false;

    const [job] = await fleet.ended(queue, [blocking]);
    expect(job).toMatchObject({ state: 'timed_out', failures: 1, attempt: 1 });
    expect(await fleet.history.runsOf(blocking.id)).toEqual([worker.pid]);
    const told = (): Promise<unknown[]> => fleet.history.of('timeout', blocking);
    await waitFor('the hook', async () => (await told()).length === 1, PATIENCE);
    expect(await told()).toEqual([expect.objectContaining({ detail: 'deadline' })]);
  });

  it('is waited for by a worker that stops [core:B1]', async () => {
    const blocking = await blocked();
    const stopped = worker.work('elsewhere');
    await within('the worker to ask for no more', worker.health(), PATIENCE.timeoutMs);
    isHeldUp = false;
    await stopped;
    expect((await queue.get(blocking.id))?.state).toBe('timed_out');
    expect(await fleet.history.runsOf(blocking.id)).toEqual([worker.pid]);
  });
});
