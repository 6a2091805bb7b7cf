import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyJobs, Queue } from '@millrace/core';
import { waitFor } from '../support/wait-for.ts';
import { Fleet } from './support/fleet/fleet.ts';
import { PATIENCE, type WorkerProcess } from './support/fleet/worker-process.ts';

const LEASE_MS = 2_000;

describe('a worker whose lease keeper dies', () => {
  let fleet: Fleet;
  let queue: Queue<AnyJobs>;
  let worker: WorkerProcess;

  beforeEach(async () => {
    fleet = await Fleet.prepare();
    queue = await fleet.queue();
    worker = await fleet.process({ lease: { durationMs: LEASE_MS } });
    await worker.work('mail');
  });

  afterEach(() => fleet.close());

  it.each(['terminate', 'crash'] as const)(
    'renews on its main thread and says so: what runs is held on, and runs once (%s) [core:A7] [seed:O15]',
    async (how) => {
      const job = await queue.add('hold', {});
      await fleet.started([job]);
      const before = await worker.health();
      expect(before).toMatchObject({ keeper: 'thread', running: 1 });
      worker.tell({ type: 'end-keeper', how });
      await waitFor('it to be kept', async () => (await worker.health()).keeper === 'main', PATIENCE);
      // Another worker that would take it, for longer than the lease.
      const other = await fleet.process({ lease: { durationMs: LEASE_MS } });
      await other.work('mail');
      const probe = await queue.add('wait', { ms: 0 }, { delayMs: 3 * LEASE_MS });
      await fleet.ended(queue, [probe]);
      expect(await worker.health()).toEqual({ ...before, keeper: 'main' });
      worker.tell({ type: 'release' });
      const [ended] = await fleet.ended(queue, [job]);
      expect(ended).toMatchObject({ state: 'completed', stalls: 0, result: worker.pid });
      expect(await fleet.history.runsOf(job.id)).toEqual([worker.pid]);
    },
    60_000,
  );
});
