import { hostname } from 'node:os';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, type Queue } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from './support/gate.ts';

describe('the workers of a queue', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let gate: Gate;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    gate = new Gate();
  });

  afterEach(async () => {
    gate.open();
    await harness.close();
  });

  const lease = { durationMs: 600 };

  it('say what they run, since when and as which attempt, until it has ended [seed:Q22, seed:A30]', async () => {
    await harness.worker({ concurrency: 2, lease, name: 'one', handler: () => gate.opened });
    const { id, createdAt } = await queue.add('first', 1);
    await waitFor('the worker to tell', async () => (await queue.workers())[0]?.running.length === 1);
    const [worker, ...rest] = await queue.workers();
    expect(rest).toEqual([]);
    expect(worker).toMatchObject({ held: 1, info: { name: 'one' }, running: [{ id, name: 'first', attempt: 1 }] });
    const startedAt = worker?.running[0]?.startedAt.getTime() ?? 0;
    expect(Math.abs(startedAt - createdAt.getTime())).toBeLessThan(1_000);
    expect(worker?.since?.getTime()).toBeLessThanOrEqual(startedAt);
    expect(worker?.leaseUntil.getTime()).toBeGreaterThan(startedAt);
    gate.open();
    await queue.result(id);
    expect((await queue.workers())[0]).toMatchObject({ held: 0, running: [] });
  });

  it('are called by host and process where they have no name [seed:O16]', async () => {
    await harness.worker({ lease, handler: () => 1 });
    expect((await queue.workers())[0]?.info).toMatchObject({ name: `${hostname()}:${process.pid}`, host: hostname() });
  });

  it('are read a page at a time', async () => {
    for (let n = 0; n < 3; n++) await harness.worker({ name: `w${n}`, handler: () => 1 });
    const all = await queue.workers();
    expect(all).toHaveLength(3);
    const [second] = await queue.workers({ offset: 1, limit: 1 });
    expect(second?.epoch).toBe(all[1]?.epoch);
    await expect(queue.workers({ limit: 0 })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  it('can be taken off the list: what one held waits again, and it begins anew [seed:Q23, seed:R1]', async () => {
    const aborted: unknown[] = [];
    await harness.worker({
      lease,
      handler: async ({ signal }) => {
        signal.addEventListener('abort', () => aborted.push((signal.reason as Error).name));
        await gate.opened;
      },
    });
    await queue.add('first', 1);
    await waitFor('the job to run', async () => (await queue.workers())[0]?.held === 1);
    const [{ epoch } = { epoch: '' }] = await queue.workers();
    await queue.deregister(epoch);
    await waitFor('the worker to hear of it', () => aborted.length === 1);
    expect(aborted).toEqual(['LeaseLostError']);
    await waitFor('it to begin anew', async () => (await queue.workers()).some((worker) => worker.epoch !== epoch));
  });

  it('are gone when they stop, or when their leases are over [seed:Q22] [seed:R1]', async () => {
    const worker = await harness.worker({ handler: () => 1 });
    expect(await queue.workers()).toHaveLength(1);
    await worker.stop();
    expect(await queue.workers()).toEqual([]);
  });
});
