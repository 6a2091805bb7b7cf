import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Job, Worker } from '@millrace/core';
import { waitFor } from '../support/wait-for.ts';
import { ProxiedWorker } from './support/proxied-worker.ts';

/** After a third of it without an answer the keeper acts. */
const LEASE_MS = 1_800;
/** Each way. */
const LATE_MS = 1_200;

describe('jobs that were leased by a call whose answer nobody reads', () => {
  let scene: ProxiedWorker;

  beforeEach(async () => {
    scene = await ProxiedWorker.prepare();
    // The worker asks through the proxy, while its keeper has a line of its own.
    const connection = await scene.connect({ commandTimeoutMs: 20_000 });
    const direct = scene.direct.keeperConnection();
    connection.keeperConnection = () => direct;
    const lease = { durationMs: LEASE_MS, keeper: 'thread' } as const;
    await scene.startOn(connection, { handler: scene.witness.handler(), lease, concurrency: 6 });
    await waitFor('it to sleep', () => scene.traces().then((keys) => keys.includes('i')));
    // Answers come in order: once this one is here, so is the one that sent it to sleep.
    await connection.client.ping();
  });

  afterEach(() => scene.close());

  /** Adds jobs, and sees them leased and given back; returns them, and another worker that takes them. */
  async function giveBack(): Promise<{ jobs: Job[]; other: Worker; elsewhere: string[] }> {
    const jobs = await scene.add(6);
    const active = async (): Promise<number> => (await scene.queue.counts()).active;
    await waitFor('jobs to be leased', async () => (await active()) > 0);
    await waitFor('them to be back', async () => (await active()) === 0);
    // Its lease goes on all the while.
    expect(await scene.queue.workers()).toHaveLength(1);
    const elsewhere: string[] = [];
    const other = await scene.harness.worker({ handler: ({ id }) => void elsewhere.push(id) });
    return { jobs, other, elsewhere };
  }

  it.each([
    // Redis hears every word of it, and it hears nothing of Redis, not even that there is work.
    ['never comes', (): void => scene.proxy.half()],
    ['comes when they are back', (): void => scene.proxy.delay(LATE_MS)],
  ])('go back, and run once, elsewhere, where the answer %s [core:A1] [core:A7]', async (_, cutOff) => {
    const heardOf = (): number | undefined => scene.worker.health().queues[0]?.lastAnswerAt;
    const before = heardOf();
    cutOff();
    const { jobs, other, elsewhere } = await giveBack();
    await scene.ended(jobs);
    await scene.proxy.pass();
    await waitFor('the answer to come', () => heardOf() !== before);
    expect(await scene.leavesNothing(other)).toEqual([]);
    const ids = jobs.map(({ id }) => id);
    expect(elsewhere.filter((id) => ids.includes(id)).sort()).toEqual(ids.sort());
    for (const id of ids) expect(scene.witness.runsOf(id)).toBe(0);
  });

  it('are leased and run once, here, where the answer comes before the keeper has looked [core:A1]', async () => {
    scene.proxy.delay(100);
    const jobs = await scene.add(40);
    await scene.ended(jobs);
    await scene.proxy.pass();
    for (const { id } of jobs) {
      expect(await scene.eventsOf(id, 'completed')).toEqual(['waiting', 'active', 'completed']);
      expect(scene.witness.runsOf(id)).toBe(1);
    }
    expect(await scene.leavesNothing()).toEqual([]);
  });
});
