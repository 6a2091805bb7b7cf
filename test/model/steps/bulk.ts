import fc from 'fast-check';

import { discard, drain, retryMany } from '../../../libs/core/src/redis/scripts.generated.js';
import { remove } from '../world/ending.js';
import { FINALS, type Job } from '../world/job.js';
import type { QueueModel } from '../world/queue-model.js';
import { putBack, revive } from '../world/reviving.js';
import { byTurn } from '../world/queue-model.js';
import { Mismatch, type World } from '../world/world.js';
import { expectReply, performInLane } from './perform.js';
import { someProducer, someQueue, steps } from './step.js';

const byTime = (a: Job, b: Job): number => a.at - b.at || (a.id < b.id ? -1 : 1);

/** Ready jobs in the order in which they are drained: those without a group, those of groups, those that wait for a resource. */
function drained(queue: QueueModel, state: string): Job[] {
  const jobs = [...queue.jobs.values()].filter((job) => job.state === state);
  if (state !== 'waiting') return jobs.sort(byTime);
  const inGroups = jobs.filter(({ group, line }) => group !== undefined && line === undefined);
  const inLines = jobs.filter(({ line }) => line !== undefined);
  inLines.sort((a, b) => b.line!.priority - a.line!.priority || a.useTurn! - b.useTurn!);
  return [...queue.waiting(), ...inGroups.sort(byTurn), ...inLines];
}

export const draining = steps(
  'drain',
  {
    queue: someQueue,
    producer: someProducer,
    state: fc.constantFrom('waiting', 'delayed', 'retrying'),
    limit: fc.constantFrom(1, 2, 500),
  },
  async ({ queue: index, producer, state, limit }, world, core) => {
    const queue = world.queue(index);
    await performInLane(
      world,
      core,
      producer,
      { queue: index, script: drain, args: { state, limit } },
      (reply, after) => {
        const jobs = drained(queue, state);
        const stored = after.keys(core.queues[index]!.base).hash('j');
        const gone = jobs.filter(({ id }) => stored[id] === undefined);
        if (gone.some((job, i) => job !== jobs[i])) throw new Mismatch('drain has not taken the first ones first');
        expectReply(reply, { code: 'OK', done: gone.length, more: reply.code === 'OK' ? reply.more : 0 });
        if (gone.length > limit) throw new Mismatch(`drain took ${gone.length}, the limit is ${limit}`);
        if (reply.code === 'OK' && reply.more === 0 && gone.length < jobs.length)
          throw new Mismatch('drain says that nothing is left');
        for (const job of gone) remove(world, job);
      },
    );
  },
);

const someKind = fc.constantFrom(
  ['group', 'greet:Error'] as const,
  ['group', 'greet:E_ONE'] as const,
  ['group', 'greet:dependency'] as const,
  ['state', 'failed'] as const,
  ['state', 'timed_out'] as const,
  ['state', 'broken'] as const,
  ['state', 'cancelled'] as const,
);

/** Finished jobs of a group of failures, or of a state without those that have an age of their own; oldest end first. */
function finishedOf(queue: QueueModel, what: string, value: string): Job[] {
  const isOne = (job: Job): boolean =>
    what === 'group'
      ? job.kind !== undefined && `${job.name}:${job.kind}` === value
      : job.state === value && job.keptUntil === undefined;
  const all = [...queue.jobs.values()].filter((job) => job.outcome !== undefined && isOne(job));
  return all.sort((a, b) => a.outcome!.at - b.outcome!.at || (a.id < b.id ? -1 : 1));
}

/** How many there are that ended by a time, those with an age of their own included, whenever they ended. */
function leftOf(queue: QueueModel, what: string, value: string, most: number): number {
  const own =
    what === 'state' ? queue.inState(value as Job['state']).filter(({ keptUntil }) => keptUntil !== undefined) : [];
  return finishedOf(queue, what, value).filter(({ outcome }) => outcome!.at <= most).length + own.length;
}

export const treatingMany = steps(
  'many',
  {
    queue: someQueue,
    producer: someProducer,
    command: fc.constantFrom('retry-many', 'discard'),
    kind: someKind,
    limit: fc.constantFrom(0, 1, 2, 500),
  },
  async ({ queue: index, producer, command, kind: [what, value], limit }, world, core) => {
    const queue = world.queue(index);
    const script = command === 'discard' ? discard : retryMany;
    const args = { what, value, untilMs: 0, cursor: '', limit };
    await performInLane(world, core, producer, { queue: index, script, args }, (reply) => {
      const page = finishedOf(queue, what, value).slice(0, limit);
      const fits = page.filter(({ outcome }) => outcome!.at <= world.now);
      // One that ended later, where the clock was set back, ends the walk.
      const isCut = fits.length < page.length;
      const looked = isCut
        ? page.slice(
            0,
            page.findIndex(({ outcome }) => outcome!.at > world.now),
          )
        : page;
      const done = treat(
        world,
        queue,
        command,
        looked.filter((job) => fits.includes(job)),
        (job) => isOneOf(world, job, what, value),
      );
      const end = !isCut && page.length === limit && limit > 0 ? looked.at(-1) : undefined;
      expectReply(
        reply.code === 'OK'
          ? {
              ...reply,
              cursor: reply.cursor === '' || reply.cursor === 'own:' ? '' : reply.cursor.replace(/^\d+\//, ''),
            }
          : reply,
        {
          code: 'OK',
          done,
          passed: looked.length - done,
          cursor: end?.id ?? '',
          at: world.now,
          left: leftOf(queue, what, value, world.now),
        },
      );
    });
  },
);

function isOneOf(world: World, job: Job, what: string, value: string): boolean {
  if (job.outcome === undefined || job.outcome.at > world.now) return false;
  return what === 'group' ? `${job.name}:${job.kind}` === value : FINALS[job.outcome.letter] === value;
}

/** Does it to all, and says to how many it was done. */
function treat(
  world: World,
  queue: QueueModel,
  command: string,
  jobs: readonly Job[],
  isChosen: (job: Job) => boolean,
): number {
  if (command === 'discard') {
    for (const job of jobs) remove(world, job);
    return jobs.length;
  }
  const again = jobs.filter((job) => revive(world, job));
  putBack(world, queue, again, isChosen);
  return again.length;
}
