import fc from 'fast-check';

import { tag, track } from '../../../libs/core/src/redis/scripts.generated.js';
import { expectReply, performInLane } from './perform.js';
import { idOf, someId, someIds, someProducer, someQueue, steps } from './step.js';

export const tagging = steps(
  'tag',
  {
    queue: someQueue,
    producer: someProducer,
    id: someId,
    on: fc.constantFrom(0, 1),
    tags: fc.array(fc.constantFrom<string>('red', 'blue', 'green'), { minLength: 1, maxLength: 2 }),
  },
  async ({ queue: index, producer, id: drawn, on, tags }, world, core) => {
    const queue = world.queue(index);
    const id = idOf(queue, drawn);
    await performInLane(world, core, producer, { queue: index, script: tag, args: { id, on, tags } }, (reply) => {
      const job = queue.jobs.get(id);
      expectReply(reply, { code: 'OK', fate: job === undefined ? 'N' : 'T' });
      if (job === undefined) return;
      job.tags = on === 1 ? [...new Set([...job.tags, ...tags])] : job.tags.filter((each) => !tags.includes(each));
    });
  },
);

export const tracking = steps(
  'track',
  { queue: someQueue, producer: someProducer, ids: someIds, on: fc.constantFrom(0, 1, 1) },
  async ({ queue: index, producer, ids: drawn, on }, world, core) => {
    const queue = world.queue(index);
    const ids = drawn.map((each) => idOf(queue, each));
    await performInLane(world, core, producer, { queue: index, script: track, args: { on, ids } }, (reply) => {
      const fates = ids.map((id) => {
        const isTracked = queue.tracked.has(id);
        if (on === 1 && !isTracked && !queue.jobs.has(id)) return 'N';
        if (on === 1 && !isTracked) {
          queue.tracked.set(id, world.now);
          queue.tell('v', id);
        } else if (on === 0 && queue.tracked.delete(id)) queue.tell('u', id);
        return on === 1 ? 'T' : 'U';
      });
      expectReply(reply, { code: 'OK', fates: fates.join('') });
    });
  },
);
