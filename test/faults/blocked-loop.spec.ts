import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyJobs, Job, Queue } from '@millrace/core';
import { waitFor } from '../support/wait-for.ts';
import { Fleet } from './support/fleet/fleet.ts';
import type { Line } from './support/fleet/history.ts';
import { PATIENCE } from './support/fleet/worker-process.ts';

const LEASE_MS = 900;
const SETTINGS = { lease: { durationMs: LEASE_MS }, hearsOfSuccess: true };

describe('a handler that blocks the event loop', () => {
  let fleet: Fleet;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    fleet = await Fleet.prepare();
    queue = await fleet.queue();
  });

  afterEach(() => fleet.close());

  /** Resolves when the histories have so many lines of a kind. */
  async function noted(op: Line['op'], count: number): Promise<Line[]> {
    return waitFor(
      `${op} to be noted ${count} times`,
      async () => {
        const lines = await fleet.history.of(op);
        return lines.length === count ? lines : undefined;
      },
      PATIENCE,
    );
  }

  async function ended(job: Job): Promise<Job> {
    return (await fleet.ended(queue, [job]))[0]!;
  }

  it('for more than three leases runs exactly once; what its worker had taken ahead runs elsewhere meanwhile [core:A7] [case:C16] [seed:H10]', async () => {
    const [blocked, other] = await Promise.all([
      fleet.process({ ...SETTINGS, concurrency: 2, prefetch: 6 }),
      fleet.process(SETTINGS),
    ]);
    const waits = Array.from({ length: 7 }, () => ({ name: 'wait', data: { ms: 0 } }));
    const jobs = await queue.addMany([{ name: 'block', data: { ms: 5 * LEASE_MS } }, ...waits]);
    const [blocking, ...others] = jobs as [Job, ...Job[]];
    await blocked.work('mail');
    await noted('start', 1);
    expect((await queue.counts()).active).toBe(8);
    await other.work('mail');
    const elsewhere = await noted('success', 7);
    expect(elsewhere.map(({ pid }) => pid)).toEqual(Array(7).fill(other.pid));
    expect(await fleet.history.of('end', { id: blocking.id })).toEqual([]);
    expect(await ended(blocking)).toMatchObject({ state: 'completed', stalls: 0, failures: 0, result: blocked.pid });
    expect(await fleet.history.runsOf(blocking.id)).toEqual([blocked.pid]);
    for (const { id } of others) expect(await fleet.history.runsOf(id)).toEqual([other.pid]);
    await waitFor('the log', () => /jobs of queue "mail" that had not started go back/.test(blocked.log), PATIENCE);
  });

  it('past its own deadline is ended by the keeper, and what it returns later counts no more [core:A7]', async () => {
    const worker = await fleet.process(SETTINGS);
    await worker.work('mail');
    const blocking = await queue.add('block', { ms: 4_000 }, { timeoutMs: 300, maxAttempts: 1 });
    await noted('start', 1);
    const job = await ended(blocking);
    expect(await fleet.history.of('end')).toEqual([]);
    expect(job).toMatchObject({ state: 'timed_out', failures: 1, error: { kind: 'timeout', code: 'JOB_TIMEOUT' } });
    const [told] = await noted('timeout', 1);
    expect(told).toMatchObject({ id: job.id, detail: 'deadline' });
    await noted('end', 1);
    expect(await fleet.history.of('success')).toEqual([]);
    expect((await queue.get(job.id))?.state).toBe('timed_out');
    expect(await worker.health()).toMatchObject({ running: 0, zombies: 0 });
    expect((await ended(await queue.add('wait', { ms: 0 }))).state).toBe('completed');
  });

  it('past its own deadline is repeated while attempts are left [core:A7]', async () => {
    const backoff = { type: 'fixed', delayMs: 0 } as const;
    const blocking = await queue.add('block', { ms: 4_000 }, { timeoutMs: 200, maxAttempts: 2, backoff });
    const [first, second] = await Promise.all([fleet.process(SETTINGS), fleet.process(SETTINGS)]);
    await first.work('mail');
    await noted('start', 1);
    await second.work('mail');
    expect(await ended(blocking)).toMatchObject({ state: 'timed_out', failures: 2, attempt: 2 });
    expect(await fleet.history.runsOf(blocking.id)).toEqual([first.pid, second.pid]);
  });

  it('past blockedLimitMs loses its lease: it runs again elsewhere, and its own outcome is refused [core:A7] [seed:H12, seed:A14] [seed:H3]', async () => {
    const [blocked, other] = await Promise.all([
      fleet.process({ ...SETTINGS, lease: { durationMs: LEASE_MS, blockedLimitMs: LEASE_MS } }),
      fleet.process(SETTINGS),
    ]);
    await blocked.work('mail');
    const blocking = await queue.add('block', { ms: 6 * LEASE_MS });
    await noted('start', 1);
    await other.work('mail');
    await noted('end', 2);
    const [lost] = await noted('timeout', 1);
    expect(lost).toMatchObject({ pid: blocked.pid, detail: 'lease' });
    const [accepted] = await noted('success', 1);
    expect(accepted).toMatchObject({ pid: other.pid });
    expect(await ended(blocking)).toMatchObject({ result: other.pid });
    expect(await fleet.history.runsOf(blocking.id)).toEqual([blocked.pid, other.pid]);
    await waitFor('the log', () => /is let go/.test(blocked.log), PATIENCE);
  });
});
