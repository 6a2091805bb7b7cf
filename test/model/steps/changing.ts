import fc from 'fast-check';

import { move, prioritize, update } from '../../../libs/core/src/redis/scripts.generated.js';
import { QUEUES } from '../core/core.js';
import { isFinal } from '../world/job.js';
import { changeTime, moveTo, obstacleTo } from '../world/moving.js';
import { someTime, timing, type Time } from './adding.js';
import { expectReply, performInLane } from './perform.js';
import { idOf, jobOf, someId, someProducer, someQueue, steps } from './step.js';

const someNewPriority = fc.constantFrom(undefined, undefined, 0, 5, -5);
const someNewData = fc.constantFrom(undefined, undefined, '[]', '{"new":[{}]}');

export const prioritizing = steps(
  'prioritize',
  { queue: someQueue, producer: someProducer, id: someId, priority: fc.constantFrom(0, 5, -5, 1_000, -1_000) },
  async ({ queue: index, producer, id: drawn, priority }, world, core) => {
    const queue = world.queue(index);
    const id = idOf(queue, drawn);
    await performInLane(
      world,
      core,
      producer,
      { queue: index, script: prioritize, args: { id, priority } },
      (reply) => {
        const job = queue.jobs.get(id);
        const fate = job === undefined ? 'N' : isFinal(job) ? 'F' : 'P';
        expectReply(reply, { code: 'OK', fate });
        if (job === undefined || fate !== 'P') return;
        job.priority = priority;
        if (job.state !== 'waiting') return;
        const wasReady = job.line === undefined;
        queue.toBack([job]);
        if (wasReady) queue.hasNews = false;
      },
    );
  },
);

/** Instructions for a change: a time, a priority. */
function instructions(time: Time, priority: number | undefined, now: number): { how: string; at: number | undefined } {
  const { how, at } = timing(time, now);
  return {
    how: [...how, ...(priority === undefined ? [] : [`p${priority}`])].join(','),
    at: how.length === 0 ? undefined : at,
  };
}

export const updating = steps(
  'update',
  {
    queue: someQueue,
    producer: someProducer,
    id: someId,
    time: someTime,
    priority: someNewPriority,
    data: someNewData,
  },
  async ({ queue: index, producer, id: drawn, time, priority, data }, world, core) => {
    const queue = world.queue(index);
    const id = idOf(queue, drawn);
    const { how, at } = instructions(time, priority, world.now);
    const args = { id, how, hasData: data === undefined ? 0 : 1, data: data ?? '' };
    await performInLane(world, core, producer, { queue: index, script: update, args }, (reply) => {
      const job = queue.jobs.get(id);
      const fate = job === undefined ? 'N' : isFinal(job) ? 'F' : job.state === 'active' ? 'A' : 'U';
      expectReply(reply, { code: 'OK', fate });
      if (job === undefined || fate !== 'U') return;
      job.payload = data ?? job.payload;
      const isMoved = job.state === 'waiting' && priority !== undefined;
      job.priority = priority ?? job.priority;
      changeTime(world, queue, job, at, isMoved);
    });
  },
);

export const moving = steps(
  'move',
  {
    queue: someQueue,
    producer: someProducer,
    id: someId,
    to: fc.nat({ max: QUEUES.length - 1 }),
    time: someTime,
    priority: someNewPriority,
    name: fc.constantFrom('', '', 'bill'),
    data: someNewData,
  },
  async ({ queue: index, producer, id: drawn, to, time, priority, name, data }, world, core) => {
    const queue = world.queue(index);
    const id = jobOf(queue, drawn)?.id ?? idOf(queue, drawn);
    const target = world.queue(to);
    const { how, at } = instructions(time, priority, world.now);
    const args = {
      id,
      queue: to === index && drawn % 2 === 0 ? '' : target.name,
      how,
      name,
      hasData: data === undefined ? 0 : 1,
      data: data ?? '',
    };
    await performInLane(world, core, producer, { queue: index, script: move, args }, (reply) => {
      const job = queue.jobs.get(id);
      const fate = job === undefined ? 'N' : job.state === 'active' ? 'A' : (obstacleTo(world, job, target) ?? 'M');
      expectReply(reply, { code: 'OK', fate });
      if (job === undefined || fate !== 'M') return;
      if (name !== '') job.name = name;
      job.payload = data ?? job.payload;
      job.priority = priority ?? job.priority;
      moveTo(world, job, target, at);
    });
  },
);
