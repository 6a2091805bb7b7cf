import fc from 'fast-check';

import { fire, pauseSchedule, schedule as define, unschedule } from '../../../libs/core/src/redis/scripts.generated.js';
import { FIRED_MEMORY_MS, fireIn } from '../world/firing.js';
import { wireBody } from '../world/job.js';
import type { Schedule } from '../world/queue-model.js';
import { priorityHow, someSketch } from './adding.js';
import { expectReply, perform, performInLane } from './perform.js';
import { someProducer, someQueue, steps } from './step.js';

const EVERY_MS = 30;
const someSchedule = fc.constantFrom('s0', 's0', 's1');
/** Who acts on what it has read says so; now and then somebody else was quicker. */
const isStale = fc.nat({ max: 5 }).map((n) => n === 0);

/** What was read of a schedule before the call. */
function readOf(schedule: Schedule | undefined, isOld: boolean): { hash: string; at: number } {
  return { hash: schedule?.hash ?? '', at: (schedule?.at ?? 0) + (isOld ? 1 : 0) };
}

export const scheduling = steps(
  'schedule',
  {
    queue: someQueue,
    producer: someProducer,
    id: someSchedule,
    isStale,
    revision: fc.constantFrom(0, 0, 1),
    hash: fc.constantFrom('h0', 'h1'),
    inMs: fc.constantFrom(-1, 0, 10, 60),
  },
  async ({ queue: index, producer, id, isStale: isOld, revision, hash, inMs }, world, core) => {
    const queue = world.queue(index);
    const read = readOf(queue.schedules.get(id), isOld);
    const nextAt = inMs < 0 ? 0 : world.now + inMs;
    const definition = `{"hash":"${hash}"}\n[]`;
    const args = { id, wasHash: read.hash, wasAt: read.at, revision, hash, nextAt, definition };
    await performInLane(world, core, producer, { queue: index, script: define, args }, (reply) => {
      const found = queue.schedules.get(id);
      const isOther = (found?.hash ?? '') !== read.hash || (found?.at ?? 0) !== read.at;
      const code = isOther ? 'AGAIN' : found !== undefined && found.revision > revision ? 'NEWER' : 'OK';
      expectReply(reply, { code });
      if (code !== 'OK') return 'unchanged';
      if (read.hash === hash) return undefined;
      const { count = 0, last = 0, job = '', history = [] } = found ?? {};
      const state = nextAt === 0 ? 'over' : found?.state === 'paused' ? 'paused' : 'running';
      queue.schedules.set(id, { state, at: nextAt, revision, count, last, hash, job, definition, history });
      return undefined;
    });
  },
);

export const unscheduling = steps(
  'unschedule',
  { queue: someQueue, producer: someProducer, id: someSchedule, hash: fc.constantFrom('', 'h0', 'h1') },
  async ({ queue: index, producer, id, hash }, world, core) => {
    const queue = world.queue(index);
    await performInLane(world, core, producer, { queue: index, script: unschedule, args: { id, hash } }, (reply) => {
      const found = queue.schedules.get(id);
      const removed = found !== undefined && (hash === '' || hash === found.hash) ? 1 : 0;
      if (removed === 1) queue.schedules.delete(id);
      expectReply(reply, { code: 'OK', removed });
    });
  },
);

export const pausingSchedule = steps(
  'pause-schedule',
  {
    queue: someQueue,
    producer: someProducer,
    id: someSchedule,
    isStale,
    on: fc.constantFrom(0, 1),
    inMs: fc.constantFrom(-1, 0, 40),
  },
  async ({ queue: index, producer, id, isStale: isOld, on, inMs }, world, core) => {
    const queue = world.queue(index);
    const { hash, at } = readOf(queue.schedules.get(id), isOld);
    const nextAt = inMs < 0 ? 0 : world.now + inMs;
    await performInLane(
      world,
      core,
      producer,
      { queue: index, script: pauseSchedule, args: { id, on, hash, at, nextAt } },
      (reply) => {
        const found = queue.schedules.get(id);
        if (found === undefined) {
          expectReply(reply, { code: 'NOT_FOUND' });
          return 'unchanged';
        }
        const changed = found.state === (on === 1 ? 'running' : 'paused') ? 1 : 0;
        if (changed === 1 && on === 0 && (found.hash !== hash || found.at !== at)) {
          expectReply(reply, { code: 'AGAIN' });
          return 'unchanged';
        }
        if (changed === 1 && on === 1) found.state = 'paused';
        if (changed === 1 && on === 0) Object.assign(found, { state: nextAt === 0 ? 'over' : 'running', at: nextAt });
        expectReply(reply, { code: 'OK', changed });
        return undefined;
      },
    );
  },
);

export const firing = steps(
  'fire',
  {
    queue: someQueue,
    id: someSchedule,
    isStale,
    missed: fc.nat({ max: 3 }),
    isLast: fc.nat({ max: 5 }).map((n) => n === 0),
    isBounded: fc.boolean(),
    alone: fc.constantFrom(0, 1),
    sketch: someSketch,
  },
  async ({ queue: index, id, isStale: isOld, missed, isLast, isBounded, alone, sketch }, world, core) => {
    const queue = world.queue(index);
    const { hash, at } = readOf(queue.schedules.get(id), isOld);
    const all = Array.from({ length: 4 }, (_, i) => at + i * EVERY_MS).filter((time) => time <= world.now);
    const times = all.slice(missed);
    const nextAt = isLast ? 0 : (all.at(-1) ?? at) + EVERY_MS;
    const said = { id, at, hash, nextAt, left: isBounded ? times.length : 0, alone, times, sketch };
    const how = ['ck', `m${FIRED_MEMORY_MS}`, ...priorityHow(sketch.priority)].join(',');
    const rows = times.flatMap((time) => [String(time), how, wireBody(sketch)]);
    await perform(
      world,
      core,
      { queue: index, script: fire, args: { id, at, hash, nextAt, left: said.left, alone, rows } },
      (reply) => {
        const fired = fireIn(world, queue, said);
        expectReply(reply, fired === undefined ? { code: 'LOST' } : { code: 'OK', fired });
        return fired === undefined ? 'unchanged' : undefined;
      },
    );
  },
);
