import fc from 'fast-check';

import { cancel, expire, remove as removeCommand } from '../../../libs/core/src/redis/scripts.generated.js';
import { dependentsOf, nameOf } from '../world/edges.js';
import { cancelJob } from '../world/cancelling.js';
import { remove } from '../world/ending.js';
import { take } from '../world/exchanging.js';
import { isFinal, refOf } from '../world/job.js';
import type { QueueModel } from '../world/queue-model.js';
import { release } from '../world/resources.js';
import type { World } from '../world/world.js';
import { expectReply, performInLane } from './perform.js';
import { idOf, someIds, someProducer, someQueue, steps } from './step.js';

const CANCELLED = '{"name":"CancelError","code":"CANCEL","kind":"cancelled","message":"The job was cancelled."}';

/** Live jobs that would be left waiting for one that is cancelled, and are not cancelled with it. */
function orphansOf(world: World, queue: QueueModel, id: string, ids: readonly string[]): string[] {
  const left = dependentsOf(world, refOf({ queue: queue.index, id }), 'open').filter((child) => !isFinal(child));
  return left
    .filter((child) => child.queue !== queue.index || !ids.includes(child.id))
    .map((child) => nameOf(world, refOf(child), queue.index))
    .sort();
}

export const cancelling = steps(
  'cancel',
  { queue: someQueue, producer: someProducer, ids: someIds, dependents: fc.constantFrom('r', 'r', 'c', 'p', 'p', 'l') },
  async ({ queue: index, producer, ids: drawn, dependents }, world, core) => {
    const queue = world.queue(index);
    const ids = drawn.map((each) => idOf(queue, each));
    await performInLane(
      world,
      core,
      producer,
      { queue: index, script: cancel, args: { dependents, others: [], ids } },
      (reply) => {
        const orphaned = ids
          .map((id) => [id, orphansOf(world, queue, id, ids)] as const)
          .find(([, orphans]) => orphans.length > 0);
        if (orphaned !== undefined && 'rl'.includes(dependents)) {
          const actual = reply.code === 'REFUSED' ? { ...reply, dependents: [...reply.dependents].sort() } : reply;
          expectReply(actual, { code: 'REFUSED', id: orphaned[0], dependents: orphaned[1] });
          return 'unchanged';
        }
        const seen = new Set<string>();
        const fates = ids.map((id) => fateOf(queue, id, seen, dependents === 'l'));
        expectReply(reply, { code: 'OK', fates: fates.join('') });
        if (dependents === 'l') return 'unchanged';
        const chosen = [...seen].map((id) => queue.jobs.get(id)!);
        const how = { text: CANCELLED, reason: 'cancelled', isCascade: dependents !== 'p' } as const;
        // What runs has ended before the others do, and who waits for it hears so.
        for (const job of chosen)
          if (job.state === 'active') cancelJob(world, queue, job, how);
          else if (job.state === 'blocked')
            world.notes.push({ what: 'U', ref: refOf(job), queue: index, text: '', isParent: false });
        for (const job of chosen) if (!isFinal(job)) cancelJob(world, queue, job, how);
        return undefined;
      },
    );
  },
);

/** `seen` gets the jobs that are to be cancelled. */
function fateOf(queue: QueueModel, id: string, seen: Set<string>, isOnlyAsked: boolean): string {
  const job = queue.jobs.get(id);
  if (job === undefined) return 'N';
  if (isFinal(job) || (seen.has(id) && !isOnlyAsked)) return 'F';
  seen.add(id);
  return job.state === 'active' ? 'A' : 'C';
}

export const removing = steps(
  'remove',
  { queue: someQueue, producer: someProducer, ids: someIds },
  async ({ queue: index, producer, ids: drawn }, world, core) => {
    const queue = world.queue(index);
    const ids = drawn.map((each) => idOf(queue, each));
    await performInLane(world, core, producer, { queue: index, script: removeCommand, args: { ids } }, (reply) => {
      const fates = ids.map((id) => {
        const job = queue.jobs.get(id);
        if (job === undefined || job.state === 'active') return job === undefined ? 'N' : 'A';
        remove(world, job);
        return 'R';
      });
      expectReply(reply, { code: 'OK', fates: fates.join('') });
    });
  },
);

export const expiring = steps(
  'expire',
  { queue: someQueue, producer: someProducer, ids: someIds },
  async ({ queue: index, producer, ids: drawn }, world, core) => {
    const queue = world.queue(index);
    const ids = drawn.map((each) => idOf(queue, each));
    await performInLane(world, core, producer, { queue: index, script: expire, args: { ids } }, (reply) => {
      const fates = ids.map((id) => {
        const job = queue.jobs.get(id);
        if (job?.state !== 'active') return job === undefined ? 'N' : 'L';
        take(queue, job, 'expired');
        queue.tell('w', id);
        release(world, queue, [job]);
        queue.toFront([job]);
        return 'E';
      });
      expectReply(reply, { code: 'OK', fates: fates.join('') });
    });
  },
);
