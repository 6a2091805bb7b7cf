import fc from 'fast-check';

import { counts, get, list, paused } from '../../../libs/core/src/redis/scripts.generated.js';
import type { Core } from '../core/core.js';
import { FINALS, wireEnvelope, type Job } from '../world/job.js';
import type { QueueModel } from '../world/queue-model.js';
import type { World } from '../world/world.js';
import { expectReply, perform } from './perform.js';
import { GIVEN_IDS, someQueue, steps, type Step } from './step.js';

const LISTED = ['waiting', 'delayed', 'retrying', 'blocked', 'active', ...Object.values(FINALS)];

/** Looks at the queue as people do: counts, jobs, lists. Nothing changes by it. */
export const looking: fc.Arbitrary<Step> = steps(
  'look',
  { queue: someQueue, state: fc.constantFrom(...LISTED) },
  async ({ queue, state }, world, core) => {
    await countAll(world, core, queue);
    await getAll(world, core, queue);
    await listAll(world, core, queue, state);
  },
);

/** What became of a call whose reply was lost. */
export async function lookAround(world: World, core: Core): Promise<void> {
  for (const { index } of world.queues) await getAll(world, core, index);
}

async function countAll(world: World, core: Core, index: number): Promise<void> {
  const queue = world.queue(index);
  await perform(world, core, { queue: index, script: counts, args: {} }, (reply) => {
    const count = (state: Job['state']): number => queue.inState(state).length;
    const { names: _, ...said } = reply;
    expectReply(said, {
      code: 'OK',
      waiting: count('waiting') + count('aside'),
      unclaimed: count('aside'),
      delayed: count('delayed'),
      retrying: count('retrying'),
      active: count('active'),
      finished: Object.values(FINALS).map((state) => String(count(state))),
      aggregating: 0,
      blocked: count('blocked'),
    });
  });
  await perform(world, core, { queue: index, script: paused, args: {} }, (reply) => {
    const behind = [...queue.epochs.values()].filter(
      ({ isOpen, expiry, obeyed }) => isOpen && expiry > world.now && obeyed < queue.pause,
    );
    expectReply(reply, { code: 'OK', pause: queue.pause, behind: behind.length });
  });
}

async function getAll(world: World, core: Core, index: number): Promise<void> {
  const queue = world.queue(index);
  const ids = [...new Set([...queue.jobs.keys(), ...GIVEN_IDS])].slice(0, 40);
  await perform(world, core, { queue: index, script: get, args: { ids } }, ({ rows }) => {
    const seen = ids.map(
      (id, i) => [id, rows[10 * i + 1], rows[10 * i + 2] ?? undefined, rows[10 * i + 7] ?? ''] as const,
    );
    expectReply(
      seen,
      ids.map((id) => rowOf(queue, id)),
    );
  });
}

function rowOf(queue: QueueModel, id: string): unknown {
  const job = queue.jobs.get(id);
  const state = job?.state === 'aside' ? 'waiting' : (job?.state ?? '');
  return [id, state, job && wireEnvelope(job), job?.lease?.epoch ?? ''];
}

async function listAll(world: World, core: Core, index: number, state: string): Promise<void> {
  const queue = world.queue(index);
  await perform(
    world,
    core,
    { queue: index, script: list, args: { state, cursor: '', limit: 1_000, reverse: 0 } },
    (reply) => {
      const states = state === 'waiting' ? ['waiting', 'aside'] : [state];
      const ids = [...queue.jobs.values()].filter((job) => states.includes(job.state)).map(({ id }) => id);
      expectReply([...reply.ids].sort(), ids.sort());
    },
  );
}
