import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { callsOf } from '../core/support/calls-of.ts';
import { Proxy } from '../support/proxy.ts';
import { redisUrl } from '../support/redis.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { ofKeeper } from './support/exchanges.ts';
import { Fleet } from './support/fleet/fleet.ts';
import { PATIENCE } from './support/fleet/worker-process.ts';

/** Longer than the keeper is cut off: else the lease would end by that. */
const LEASE_MS = 10_000;

describe('an attempt that the keeper ends at its deadline, while Redis does not hear of it', () => {
  let fleet: Fleet;
  let proxy: Proxy;
  /** The ends that the keeper hands in do not get through. */
  let isHeldUp: boolean;

  beforeEach(async () => {
    fleet = await Fleet.prepare();
    proxy = await Proxy.start(redisUrl());
    isHeldUp = true;
  });

  afterEach(async () => {
    await proxy.pass();
    await fleet.close();
    await proxy.close();
  });

  function holdUp(): void {
    proxy.at('before', ofKeeper, () => {
      if (isHeldUp) holdUp();
    });
  }

  it('is not given back when the worker reconciles: it is charged, and runs once [core:A1] [core:A7]', async () => {
    const queue = await fleet.queue();
    const worker = await fleet.process({ lease: { durationMs: LEASE_MS }, url: proxy.url });
    await worker.work('mail');
    holdUp();
    const blocking = await queue.add('block', { ms: 1_500 }, { timeoutMs: 300, maxAttempts: 1 });
    const hasEnded = async (): Promise<boolean> => (await fleet.history.of('end')).length === 1;
    await waitFor('the event loop to go on', hasEnded, PATIENCE);

    const reconciled = new Promise<void>((spring) => proxy.at('told', callsOf('reconcile'), spring));
    await within('the worker to reconcile', reconciled, PATIENCE.timeoutMs);
    expect((await queue.get(blocking.id))?.state).toBe('active');
    isHeldUp = false;

    const [job] = await fleet.ended(queue, [blocking]);
    expect(job).toMatchObject({ state: 'timed_out', failures: 1, attempt: 1 });
    expect(await fleet.history.runsOf(blocking.id)).toEqual([worker.pid]);
    const isTold = async (): Promise<boolean> => (await fleet.history.of('timeout')).length === 1;
    await waitFor('the hook', isTold, PATIENCE);
    expect(await fleet.history.of('timeout')).toEqual([expect.objectContaining({ detail: 'deadline' })]);
  });

  it('is waited for by a worker that stops [core:B1]', async () => {
    const queue = await fleet.queue();
    const worker = await fleet.process({ lease: { durationMs: LEASE_MS }, url: proxy.url });
    await worker.work('mail');
    holdUp();
    const blocking = await queue.add('block', { ms: 1_500 }, { timeoutMs: 300, maxAttempts: 1 });
    const hasEnded = async (): Promise<boolean> => (await fleet.history.of('end')).length === 1;
    await waitFor('the event loop to go on', hasEnded, PATIENCE);

    const stopped = worker.work('elsewhere');
    await within('the worker to ask for no more', worker.health(), PATIENCE.timeoutMs);
    isHeldUp = false;
    await stopped;
    expect((await queue.get(blocking.id))?.state).toBe('timed_out');
    expect(await fleet.history.runsOf(blocking.id)).toEqual([worker.pid]);
  });
});
