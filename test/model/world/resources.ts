import type { Job } from './job.js';
import type { QueueModel } from './queue-model.js';
import type { World } from './world.js';

/** So much of a resource. */
export interface Use {
  readonly name: string;
  readonly amount: number;
}

/** What all queues of the slot know of what jobs use. */
export class Resources {
  /** Resource -> how much there is of it; '' = of each other one. */
  readonly limits = new Map<string, number>();
  /** How many jobs have got a turn. */
  turns = 0;
  /** Resource -> how much of it was called for by the call at hand, by jobs of its own queue; and by those of others since it last became less. */
  readonly called = new Map<string, number>();
  readonly calledElsewhere = new Map<string, number>();

  limitOf(name: string): number {
    return this.limits.get(name) ?? this.limits.get('') ?? Infinity;
  }

  /** Nothing was called for by the call that begins. */
  begin(): void {
    this.called.clear();
    this.calledElsewhere.clear();
  }
}

/** How much of a resource the jobs use that are held. */
export function usedOf(world: World, name: string): number {
  const held = [...world.jobs()].filter(({ lease }) => lease !== undefined).flatMap(({ uses }) => uses);
  return held.filter((use) => use.name === name).reduce((sum, { amount }) => sum + amount, 0);
}

/** Who waits for a resource, in the order in which they are called: those that ask for more than there is behind all others. */
export function lineOf(world: World, name: string): Job[] {
  const waiting = [...world.jobs()].filter((job) => job.state === 'waiting' && job.line?.name === name);
  const nameOf = ({ queue, id }: Job): string => `${world.queue(queue).name}\t${id}`;
  return waiting.sort((a, b) => {
    const [x, y] = [a.line!, b.line!];
    if (x.excess !== y.excess) return x.excess - y.excess;
    if (x.excess > 0) return nameOf(a) < nameOf(b) ? -1 : 1;
    return y.priority - x.priority || a.useTurn! - b.useTurn!;
  });
}

/** What keeps a ready job from running: a resource of which too little is free, or for which others wait before it. */
export function obstacleOf(world: World, job: Job): Use | undefined {
  const { resources } = world;
  return job.uses.find(({ name, amount }) => {
    const used = usedOf(world, name) + (resources.calledElsewhere.get(name) ?? 0);
    const [head] = lineOf(world, name);
    const isBehind = head?.line?.excess === 0 && comesBefore(head, job);
    return used + amount > resources.limitOf(name) || isBehind;
  });
}

function comesBefore(a: Job, b: Job): boolean {
  const [before, after] = [a.line!.priority, b.priority];
  return before === after ? a.useTurn! < (b.useTurn ?? Infinity) : before > after;
}

/** The job waits in the line for a resource, and keeps its turn from now on. */
export function joinLine(world: World, job: Job, { name, amount }: Use): void {
  if (job.useTurn === undefined) job.useTurn = world.resources.turns += 1;
  const excess = amount > world.resources.limitOf(name) ? amount : 0;
  job.line = { name, priority: job.priority, excess };
}

/** Jobs of a queue are held no more: those for whom there is enough now are called. What is to wait before them is put in front later. */
export function release(world: World, queue: QueueModel, jobs: readonly Job[]): void {
  const names = [...new Set(jobs.flatMap(({ uses }) => uses.map(({ name }) => name)))];
  for (const job of jobs) job.lease = undefined;
  for (const name of names) world.resources.calledElsewhere.delete(name);
  call(world, queue, names);
}

/** Calls those for whom there is enough of these resources, each to the front of its own queue. */
export function call(world: World, queue: QueueModel, names: readonly string[], isAnyOrder = false): void {
  const chosen = names.flatMap((name) => chooseOf(world, queue, name));
  for (const each of world.queues) {
    const jobs = chosen.filter((job) => job.queue === each.index);
    const lines = new Set(jobs.map(({ line }) => line?.name));
    const { hasNews } = each;
    each.toFront(jobs);
    // Nobody need be woken for those that the call takes itself.
    if (each === queue) Object.assign(each, { hasNews, called: each.called + jobs.length });
    if (isAnyOrder && lines.size > 1) for (const job of jobs) job.turn = jobs[0]!.turn;
  }
}

function chooseOf(world: World, queue: QueueModel, name: string): Job[] {
  const { resources } = world;
  const limit = resources.limitOf(name);
  const line = lineOf(world, name);
  const amountOf = (job: Job): number => job.uses.find((use) => use.name === name)!.amount;
  const chosen: Job[] = [];
  const isFree = (job: Job): boolean => {
    const amount = amountOf(job);
    const used = usedOf(world, name) + (resources.calledElsewhere.get(name) ?? 0);
    if (used + (resources.called.get(name) ?? 0) + amount > limit) return false;
    const counted = job.queue === queue.index ? resources.called : resources.calledElsewhere;
    counted.set(name, (counted.get(name) ?? 0) + amount);
    return true;
  };
  for (const isExcess of [true, false])
    for (const job of line.filter((each) => each.line!.excess > 0 === isExcess)) {
      // One that asks for more than there is by now is judged anew when it comes up.
      const isTooMuch = amountOf(job) > limit;
      if (isTooMuch ? isExcess : !isFree(job)) break;
      chosen.push(job);
    }
  return chosen;
}
