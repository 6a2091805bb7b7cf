import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ActiveJob, type AnyJobs, CancelError, LeaseLostError, PayloadError, type Queue } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { Child } from '../support/child.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from './support/gate.ts';

describe('a run that somebody else looks after', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let gate: Gate;
  let runs: ActiveJob[];
  const children: Child[] = [];

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    gate = new Gate();
    runs = [];
  });

  afterEach(async () => {
    gate.open();
    await harness.close();
    await Promise.all(children.splice(0).map((child) => child.kill()));
  });

  const handler = async (job: ActiveJob): Promise<number> => {
    runs.push(job);
    await gate.opened;
    return runs.length;
  };

  async function running(): Promise<string> {
    const { id } = await queue.add('first', 1);
    await waitFor('the job to run', () => runs.length === 1);
    return id;
  }

  it('expired by hand: its signal aborts with LeaseLostError, the job runs again uncharged, and its outcome is refused [seed:Q11, seed:O13]', async () => {
    const told: string[] = [];
    const hooks = {
      onTimeout: (_: unknown, { kind }: { kind: string }) => void told.push(`timeout ${kind}`),
      onCancel: () => void told.push('cancelled'),
      onSuccess: (_: unknown, result: unknown) => void told.push(`success ${String(result)}`),
    };
    await harness.worker({ concurrency: 2, handler, hooks });
    const id = await running();
    expect(await queue.expire(id, 'no')).toEqual(['waiting', 'not found']);
    await waitFor('it to run again', () => runs.length === 2);
    expect(LeaseLostError.is(runs[0]?.signal.reason)).toBe(true);
    expect(runs[1]).toMatchObject({ id, attempt: 1, failures: 0, stalls: 0 });
    gate.open();
    expect(await queue.result(id)).toBe(2);
    await waitFor('the hooks to be told', () => told.length === 2);
    expect(told.sort()).toEqual(['success 2', 'timeout lease']);
    expect(await queue.expire(id)).toEqual(['was not active']);
  });

  it('cancelled with a wait: resolves when its worker has shown that its signal is aborted [seed:O14, seed:A17]', async () => {
    await harness.worker({ handler });
    const id = await running();
    const other = await queue.add('first', 2, { delayMs: 60_000 });
    expect(await queue.cancel([id, other.id, 'no'], { waitMs: 5_000 })).toEqual([
      'cancelled while active',
      'cancelled',
      'not found',
    ]);
    expect(CancelError.is(runs[0]?.signal.reason)).toBe(true);
  });

  it('cancelled with a wait from another process [seed:O14, seed:A17]', async () => {
    await harness.worker({ handler });
    const id = await running();
    const program = new URL('./programs/cancel.ts', import.meta.url);
    const child = await Child.start(program, { args: [harness.url, harness.prefix, id, '5000'] });
    children.push(child);
    const { outcome } = await child.message<{ type: string; outcome: string }>({ type: 'cancelled' });
    expect([outcome, runs[0]?.signal.aborted]).toEqual(['cancelled while active', true]);
  });

  it('cancelled with a wait whose worker does not answer: says so when the wait is over', async () => {
    const clock = harness.virtualClock();
    const connection = await harness.connect({ clock });
    queue = await harness.queue('timed', { connection });
    await harness.worker({ connection, queues: 'timed', handler });
    await queue.add('first', 1, { id: 'x' });
    await waitFor('the job to run', () => runs.length === 1);
    // A worker that nobody hears of: only its lease is there.
    await connection.client.hset(
      `${harness.prefix}:{timed}:h:dead`,
      '\topen',
      '1,30000,1',
      '\ttaken',
      '1\n1\tx\t0.1\tcancelled\n',
    );
    await connection.client.zadd(`${harness.prefix}:{timed}:L`, clock.now() + 60_000, 'dead');
    const cancelled = queue.cancel('x', { waitMs: 500 });
    await clock.advance(500);
    expect(await cancelled).toEqual(['cancelled while active, not confirmed']);
  });

  it('replaces its data for the attempts to come, and only while it holds the job [seed:Q9, seed:R2]', async () => {
    const seen: unknown[] = [];
    await harness.worker({
      handler: async (job: ActiveJob) => {
        seen.push(job.data);
        if (job.attempt > 1) return job.data;
        await job.checkpoint({ from: 500 });
        runs.push(job);
        throw new Error('once');
      },
    });
    const { id } = await queue.add('first', { from: 0 }, { backoff: { type: 'fixed', delayMs: 1 } });
    expect(await queue.result(id)).toEqual({ from: 500 });
    expect(seen).toEqual([{ from: 0 }, { from: 500 }]);
    expect((await queue.get(id))?.data).toEqual({ from: 500 });
    await expect(runs[0]?.checkpoint({ from: 1 })).rejects.toBeInstanceOf(LeaseLostError);
  });

  it('cannot save what cannot be stored', async () => {
    let thrown: unknown;
    await harness.worker({
      handler: async (job: ActiveJob) => {
        thrown = await job.checkpoint(() => 1).catch((error: unknown) => error);
      },
    });
    await queue.result((await queue.add('first', 1)).id);
    expect(PayloadError.is(thrown)).toBe(true);
  });

  it('has the grace of its queue, which all workers hear of [seed:Q10]', async () => {
    expect(await queue.config.set({ graceMs: 5_000 })).toMatchObject({ graceMs: 5_000 });
    expect((await queue.config.get()).graceMs).toBe(5_000);
    expect((await queue.config.unset('graceMs')).graceMs).toBeUndefined();
  });
});
