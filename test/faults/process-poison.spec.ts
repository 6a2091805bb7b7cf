import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Job } from '@millrace/core';
import { Fleet } from './support/fleet/fleet.ts';

const SETTINGS = { lease: { durationMs: 1_000 }, concurrency: 50 };
const NEIGHBOURS = 49;
const MAX_STALLS = 3;
const BEHIND = 2_000;

describe('a job that kills its process each time', () => {
  let fleet: Fleet;

  beforeEach(async () => {
    fleet = await Fleet.prepare();
  });

  afterEach(() => fleet.close());

  it('fails as stalled after 1 + maxStalls processes; its neighbours complete, the two thousand jobs behind it do not wait for that, and the hook is told where it was found [core:A8] [nest:M1] [case:C9] [case:L7] [seed:H11, seed:I5]', async () => {
    const queue = await fleet.queue();
    const draft = (n: number): { name: string; data: { ms: number } } =>
      n === 20 ? { name: 'die', data: { ms: 20 } } : { name: 'wait', data: { ms: 60 } };
    const jobs = await queue.addMany(Array.from({ length: NEIGHBOURS + 1 }, (_, n) => draft(n)));
    await queue.config.set({ keep: { completed: { count: 10_000 } } });
    await queue.addMany(Array.from({ length: BEHIND }, () => ({ name: 'wait', data: { ms: 0 } })));
    const dead = fleet.supervise('mail', SETTINGS);
    const [poisonous] = jobs.filter(({ name }) => name === 'die') as [Job];
    await fleet.ended(queue, [poisonous], { timeoutMs: 80_000 });
    // The last process that died may have held some.
    expect((await queue.counts()).completed).toBeGreaterThan(0.8 * BEHIND);
    const ended = await fleet.ended(queue, jobs);
    const [poison, ...none] = ended.filter(({ name }) => name === 'die') as [Job];
    const neighbours = ended.filter(({ name }) => name === 'wait');

    expect(none).toEqual([]);
    expect(poison).toMatchObject({ state: 'failed', stalls: MAX_STALLS, failures: 0, attempt: MAX_STALLS });
    expect(poison.error).toMatchObject({ code: 'JOB_STALLED', kind: 'stalled' });
    expect(dead).toHaveLength(1 + MAX_STALLS);
    expect(await fleet.history.runsOf(poison.id)).toEqual(dead.map(({ pid }) => pid));
    expect(neighbours.map(({ state }) => state)).toEqual(Array(NEIGHBOURS).fill('completed'));
    expect(neighbours.filter(({ stalls, failures }) => stalls > 1 || failures > 0)).toEqual([]);

    expect(await queue.counts()).toMatchObject({ failed: 1, retrying: 0 });

    const told = await fleet.history.of('permanent');
    expect(told).toEqual([expect.objectContaining({ id: poison.id, detail: 'JOB_STALLED' })]);
    expect(dead.map(({ pid }) => pid)).not.toContain(told[0]?.pid);
  }, 100_000);
});
