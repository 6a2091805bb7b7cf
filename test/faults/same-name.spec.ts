import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Fleet } from './support/fleet/fleet.ts';
import type { WorkerProcess } from './support/fleet/worker-process.ts';

/** As containers of one image have it: all are called the same. */
const NAME = 'worker-1';
const LEASE_MS = 900;
const SETTINGS = { name: NAME, lease: { durationMs: LEASE_MS }, concurrency: 1 };

describe('two workers of the same name', () => {
  let fleet: Fleet;

  beforeEach(async () => {
    fleet = await Fleet.prepare();
  });

  afterEach(() => fleet.close());

  it('are two owners: one renews nothing of the other, which is recovered when it dies, and comes back [case:C18] [seed:O16]', async () => {
    const queue = await fleet.queue();
    const start = (): Promise<WorkerProcess> => fleet.process(SETTINGS);
    const [first, second, successor] = await Promise.all([start(), start(), start()]);
    await first.work('mail');
    const lost = await queue.add('hold', {});
    await fleet.started([lost]);
    await second.work('mail');
    const workers = await queue.workers();
    expect(workers.map(({ info }) => (info as { name: string }).name)).toEqual([NAME, NAME]);
    expect(new Set(workers.map(({ epoch }) => epoch)).size).toBe(2);
    const own = await queue.add('wait', { ms: 4 * LEASE_MS });
    await fleet.started([own]);
    await first.kill();
    await successor.work('mail');
    await fleet.started([lost], 2);
    const [ended] = await fleet.ended(queue, [own]);
    expect(ended).toMatchObject({ state: 'completed', stalls: 0, result: second.pid });
    expect(await fleet.history.runsOf(lost.id)).toEqual([first.pid, successor.pid]);
    expect(await fleet.history.runsOf(own.id)).toEqual([second.pid]);
  });
});
