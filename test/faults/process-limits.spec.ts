import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '../support/wait-for.ts';
import { Fleet } from './support/fleet/fleet.ts';
import { PATIENCE } from './support/fleet/worker-process.ts';

const SETTINGS = { lease: { durationMs: 1_200 }, concurrency: 10 };

describe('what a killed process held of a limit', () => {
  let fleet: Fleet;

  beforeEach(async () => {
    fleet = await Fleet.prepare();
  });

  afterEach(() => fleet.close());

  it('comes back with its lease: places of the queue, of a group, and resources [case:C6] [seed:Q3] [seed:O7] [seed:A35]', async () => {
    const queue = await fleet.queue('mail');
    await queue.config.set({ concurrency: 3 });
    await queue.resources.set('gpu', 2);
    await queue.groups.set('g', { concurrency: 1 });
    const dead = await fleet.process(SETTINGS);
    const survivor = await fleet.process(SETTINGS);
    await dead.work('mail');
    const held = await queue.addMany([
      { name: 'hold', data: { ms: 0 }, options: { uses: { gpu: 2 } } },
      { name: 'hold', data: { ms: 0 } },
      { name: 'hold', data: { ms: 0 }, options: { group: 'g' } },
    ]);
    await fleet.started(held);
    await survivor.work('mail');
    const inGroup = await queue.add('wait', { ms: 1 }, { group: 'g' });
    const next = await queue.addMany([
      { name: 'wait', data: { ms: 1 }, options: { uses: { gpu: 1 } } },
      { name: 'wait', data: { ms: 1 } },
    ]);
    expect(await queue.counts()).toMatchObject({ active: 3, waiting: 3 });
    await dead.kill();
    await queue.cancel(...held.slice(0, 1).map(({ id }) => id));
    // One was cancelled, so that its place and its resource are free at once; the others come back when the lease is over.
    await fleet.ended(queue, next);
    await fleet.started(held.slice(1), 2);
    await waitFor(
      'places and resources to be what is used',
      async () => {
        const { resources } = await queue.resources.get();
        return (await queue.counts()).active === 2 && resources.every(({ used, waiting }) => used + waiting === 0);
      },
      PATIENCE,
    );
    expect((await queue.get(held[1]!.id))?.stalls).toBe(0);
    // The place of the group is held again by the job that had it.
    expect((await queue.groups.list()).groups).toMatchObject([{ name: 'g', active: 1, waiting: 1 }]);
    survivor.tell({ type: 'release' });
    await fleet.ended(queue, [...held.slice(1), inGroup]);
    await waitFor('the group to be free', async () =>
      (await queue.groups.list()).groups.every(({ active }) => active === 0),
    );
  });

  it('is free for others once the jobs that a resource kept waiting are reclaimed', async () => {
    const queue = await fleet.queue('mail');
    await queue.resources.set('gpu', 1);
    const dead = await fleet.process(SETTINGS);
    await dead.work('mail');
    const [first, ...others] = await queue.addMany([
      { name: 'hold', data: { ms: 0 }, options: { uses: { gpu: 1 } } },
      { name: 'wait', data: { ms: 1 }, options: { uses: { gpu: 1 } } },
      { name: 'wait', data: { ms: 1 }, options: { uses: { gpu: 1 } } },
    ]);
    await fleet.started([first!]);
    const survivor = await fleet.process(SETTINGS);
    await survivor.work('mail');
    await dead.kill();
    await fleet.ended(queue, others);
    await fleet.started([first!], 2);
  });
});
