import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyJobs, Job, Queue } from '@millrace/core';
import { waitFor } from '../support/wait-for.ts';
import { Fleet } from './support/fleet/fleet.ts';
import { PATIENCE, type WorkerProcess } from './support/fleet/worker-process.ts';

const LEASE_MS = 800;
/** A worker looks after lost leases as often as that. */
const SWEEP_MS = 1_000;
/** What a busy machine may take beyond. */
const SLACK_MS = 1_500;
const SETTINGS = { lease: { durationMs: LEASE_MS }, concurrency: 5 };

describe('a process that dies with a job in its hands', () => {
  let fleet: Fleet;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    fleet = await Fleet.prepare();
    queue = await fleet.queue();
  });

  afterEach(() => fleet.close());

  it('is followed by another within a lease and a sweep; the second death counts a stall, and none a failure [case:C1]', async () => {
    const start = (): Promise<WorkerProcess> => fleet.process(SETTINGS);
    const [first, second, third] = await Promise.all([start(), start(), start()]);
    await first.work('mail');
    const lost = await queue.add('hold', {}, { maxAttempts: 1 });
    await fleet.started([lost]);
    await second.work('mail');
    const killedAt = Date.now();
    await first.kill();
    await fleet.started([lost], 2);
    const [, again] = await fleet.history.of('start', { id: lost.id });
    expect(again!.at - killedAt).toBeLessThan(LEASE_MS + SWEEP_MS + SLACK_MS);
    expect(await queue.get(lost.id)).toMatchObject({ failures: 0, stalls: 0 });
    await second.kill();
    await third.work('mail');
    third.tell({ type: 'release' });
    const [end] = await fleet.ended(queue, [lost]);
    expect(end).toMatchObject({ state: 'completed', failures: 0, stalls: 1, result: third.pid });
    expect(await fleet.history.runsOf(lost.id)).toEqual([first.pid, second.pid, third.pid]);
  });
});

describe('a process that is ended by its job, and started again', () => {
  let fleet: Fleet;
  let queue: Queue<AnyJobs>;
  let dead: readonly WorkerProcess[];

  beforeAll(async () => {
    fleet = await Fleet.prepare();
    queue = await fleet.queue();
    dead = fleet.supervise('mail', { ...SETTINGS, execArgv: ['--max-old-space-size=48'] });
  });

  afterAll(() => fleet.close());

  async function ended(job: Job): Promise<Job> {
    const [end] = await fleet.ended(queue, [job]);
    return end!;
  }

  it('after the effect of the handler and before its end is known: the job runs again, knows it, and completes once [case:C3]', async () => {
    const job = await queue.add('effect', {});
    expect(await ended(job)).toMatchObject({ state: 'completed', failures: 0, stalls: 0 });
    expect(await fleet.history.of('end', { id: job.id })).toHaveLength(2);
    const starts = await fleet.history.of('start', { id: job.id });
    expect(starts.map(({ detail }) => detail)).toEqual([undefined, 'redelivered']);
    expect((await queue.counts()).completed).toBe(1);
  });

  it('between two jobs that it adds: none stays blocked [case:C8]', async () => {
    const { completed } = await queue.counts();
    const family = await queue.add('family', {}, { id: 'family' });
    await ended(family);
    await waitFor('the family to end', async () => (await queue.counts()).completed === completed + 3, PATIENCE);
    expect(await queue.counts()).toMatchObject({ blocked: 0, waiting: 0, active: 0, failed: 0 });
  });

  it('by a rejection that nobody waits for: as it would without workers; its log names the job, which runs again [case:C17]', async () => {
    const before = dead.length;
    const job = await queue.add('detach', { ms: 300 });
    expect(await ended(job)).toMatchObject({ state: 'completed', failures: 0 });
    const [last, ...others] = dead.slice(before) as [WorkerProcess];
    expect(others).toEqual([]);
    expect(await last.exited).toEqual({ code: 1, signal: null });
    expect(last.output).toContain('Error: nobody waits for this');
    expect(last.output).toContain(
      `Nobody caught an error (Error: nobody waits for this) while these jobs ran: mail/${job.id} (detach).`,
    );
  });

  it('by a full heap: it stalls, neither failed nor timed out; its unique key is held till it has failed for good [case:C7] [case:C10]', async () => {
    const before = dead.length;
    const unique = { key: 'heap' };
    const poison = await queue.add('grow', {}, { unique, maxStalls: 1, timeoutMs: 60_000, maxAttempts: 1 });
    await fleet.started([poison]);
    // Asked again and again, over the times in which nobody has the job.
    const kept: string[] = [];
    const over = await waitFor(
      'the job to fail',
      async () => {
        kept.push((await queue.add('wait', { ms: 1 }, { unique, onConflict: 'keep' })).id);
        const job = await queue.get(poison.id);
        return job?.finishedAt === undefined ? undefined : job;
      },
      { ...PATIENCE, intervalMs: 50 },
    );
    expect(over).toMatchObject({ state: 'failed', failures: 0, stalls: 1, error: { kind: 'stalled' } });
    expect(dead.slice(before)).toHaveLength(2);
    for (const { output } of dead.slice(before)) expect(output).toContain('heap out of memory');
    // The last of them may have come after the end.
    expect(new Set(kept.slice(0, -1))).toEqual(new Set([poison.id]));
    const next = kept.at(-1) === poison.id ? await queue.add('wait', { ms: 1 }, { unique }) : { id: kept.at(-1)! };
    expect(next.id).not.toBe(poison.id);
  }, 60_000);
});
