import fc from 'fast-check';

import { link, type LinkReply } from '../../../libs/core/src/redis/scripts.generated.js';
import { QUEUES } from '../core/core.js';
import { nameOf } from '../world/edges.js';
import { isFinal, refIn, refOf, type Job } from '../world/job.js';
import { firstOnTheWay } from '../world/judging.js';
import { linkTo, stateAfter, unlinkFrom } from '../world/linking.js';
import type { QueueModel } from '../world/queue-model.js';
import { Mismatch, type World } from '../world/world.js';
import { expectReply, performInLane } from './perform.js';
import { idOf, parentOf, someId, someProducer, someQueue, steps } from './step.js';

export const linking = steps(
  'link',
  {
    queue: someQueue,
    producer: someProducer,
    id: someId,
    on: fc.constantFrom(1, 1, 1, 0, 2),
    policy: fc.constantFrom('', '', 'f', 'c', 'b', 'r', 'd', 'rd'),
    to: fc.array(fc.record({ queue: fc.nat({ max: QUEUES.length - 1 }), which: someId }), {
      minLength: 1,
      maxLength: 2,
    }),
  },
  async ({ queue: index, producer, id: drawn, on, policy, to }, world, core) => {
    const queue = world.queue(index);
    const id = idOf(queue, drawn);
    const refs = to.map(({ queue: other, which }) => refOf({ queue: other, id: parentOf(world.queue(other), which) }));
    const jobs = refs.map((ref) => nameOf(world, ref, index));
    await performInLane(
      world,
      core,
      producer,
      { queue: index, script: link, args: { id, on, policy, jobs } },
      (reply) => {
        const job = queue.jobs.get(id);
        if (job === undefined || isFinal(job) || job.state === 'active')
          return expectReply(reply, fate(job === undefined ? 'N' : isFinal(job) ? 'F' : 'A'));
        if (on !== 1) return unlink(world, job, on === 2 ? job.said : refs, reply);
        return dependOn(world, queue, job, refs, policy, reply);
      },
    );
  },
);

function fate(letter: string, ...others: readonly string[]): unknown {
  return { code: 'OK', fate: letter, others };
}

function unlink(world: World, job: Job, refs: readonly string[], reply: LinkReply): void {
  unlinkFrom(
    world,
    job,
    job.said.filter((ref) => refs.includes(ref)),
  );
  // A job that is free now comes to another state when the call is settled, which is now.
  expectReply(reply, fate(stateAfter(job)));
}

function dependOn(
  world: World,
  queue: QueueModel,
  job: Job,
  refs: readonly string[],
  policy: string,
  reply: LinkReply,
): void {
  if (refs.includes(refOf(job))) return expectReply(reply, fate('C', job.id));
  const fresh = [...new Set(refs)].filter((ref) => !job.needs.has(ref));
  const missing = policy.endsWith('d') ? undefined : fresh.find((ref) => world.job(ref) === undefined);
  if (missing !== undefined) return expectReply(reply, fate('M', nameOf(world, missing, queue.index)));
  if (firstOnTheWay(world, queue, fresh, refOf(job), new Map()) !== undefined)
    return expectWay(world, job, fresh, reply);
  linkTo(world, job, fresh, refs, policy);
  expectReply(reply, fate(stateAfter(job)));
}

/** The jobs on the way back, of which there may be several: each waits for the next, and the last is the job itself. */
function expectWay(world: World, job: Job, fresh: readonly string[], reply: LinkReply): void {
  const way = reply.code === 'OK' ? reply.others.map((name) => refIn(world, job.queue, name)) : [];
  const isWay = way.every((ref, i) =>
    i === 0 ? fresh.includes(ref) : world.job(way[i - 1]!)?.needs.has(ref) === true,
  );
  expectReply(reply, { ...reply, code: 'OK', fate: 'C' });
  if (!isWay || way.at(-1) !== refOf(job)) throw new Mismatch(`${way.join(', ')} is no way back to ${refOf(job)}`);
}
