import { promote, retry } from '../../../libs/core/src/redis/scripts.generated.js';
import { isFinal, type Job } from '../world/job.js';
import { note } from '../world/leaving.js';
import { putBack, revive } from '../world/reviving.js';
import { expectReply, performInLane } from './perform.js';
import { idOf, someIds, someProducer, someQueue, steps } from './step.js';

export const retrying = steps(
  'retry',
  { queue: someQueue, producer: someProducer, ids: someIds },
  async ({ queue: index, producer, ids: drawn }, world, core) => {
    const queue = world.queue(index);
    const ids = drawn.map((each) => idOf(queue, each));
    await performInLane(world, core, producer, { queue: index, script: retry, args: { ids } }, (reply) => {
      const again: Job[] = [];
      const fates = ids.map((id) => {
        const job = queue.jobs.get(id);
        if (job === undefined || !isFinal(job)) return job === undefined ? 'N' : 'L';
        if (!revive(world, job)) return 'D';
        again.push(job);
        return 'R';
      });
      putBack(world, queue, again);
      expectReply(reply, { code: 'OK', fates: fates.join('') });
    });
  },
);

export const promoting = steps(
  'promote',
  { queue: someQueue, producer: someProducer, ids: someIds },
  async ({ queue: index, producer, ids: drawn }, world, core) => {
    const queue = world.queue(index);
    const ids = drawn.map((each) => idOf(queue, each));
    await performInLane(world, core, producer, { queue: index, script: promote, args: { ids } }, (reply) => {
      const fates = ids.map((id) => {
        const job = queue.jobs.get(id);
        if (job?.state !== 'delayed' && job?.state !== 'retrying') return job === undefined ? 'N' : 'S';
        note(job, 'P', world.now, job.failures + job.stalls);
        queue.tell('w', id);
        queue.toBack([job]);
        return 'P';
      });
      expectReply(reply, { code: 'OK', fates: fates.join('') });
    });
  },
);
