import fc from 'fast-check';

import type { Core } from '../core/core.js';
import { QUEUES } from '../core/core.js';
import { isFinal, type Job } from '../world/job.js';
import type { Feature } from '../world/features.js';
import type { QueueModel } from '../world/queue-model.js';
import type { World } from '../world/world.js';

/** One command of a sequence: fast-check draws it, leaves it out, and prints it. */
export class Step implements fc.AsyncCommand<World, Core> {
  constructor(
    private readonly label: string,
    private readonly act: (world: World, core: Core) => Promise<unknown>,
    private readonly feature?: Feature,
  ) {}

  /** The same step, for sequences that use the feature. */
  of(feature: Feature): Step {
    return new Step(this.label, this.act, feature);
  }

  check({ features }: Readonly<World>): boolean {
    return this.feature === undefined || features.has(this.feature);
  }

  async run(world: World, core: Core): Promise<void> {
    await this.act(world, core);
  }

  toString(): string {
    return this.label;
  }
}

/** An arbitrary of steps: what is drawn is what is printed. */
export function steps<T extends object>(
  name: string,
  drawn: { readonly [K in keyof T]: fc.Arbitrary<T[K]> },
  act: (drawn: T, world: World, core: Core) => Promise<unknown>,
): fc.Arbitrary<Step> {
  return fc
    .record<T>(drawn)
    .map((values) => new Step(`${name} ${JSON.stringify(values)}`, (world, core) => act(values, world, core)));
}

/** Most of what happens is in one queue, and with one worker, so that it meets. */
export const someQueue = fc.constantFrom(0, 0, 0, QUEUES.length - 1);
export const someProducer = fc.nat({ max: 1 });
export const someWorker = fc.constantFrom(0, 0, 0, 1, 1, 2);

/** Ids that a user gives: few, so that they meet. */
export const GIVEN_IDS = ['a', 'b', 'c', 'd'] as const;

/** Draws a job: a number stands for one of the ids that there are when the step runs, or for a given id that may be free. */
export const someId = fc.nat({ max: 23 });
export const someIds = fc.array(someId, { minLength: 1, maxLength: 3 });

/** The id that a drawn number stands for in a queue. */
export function idOf(queue: QueueModel, drawn: number): string {
  const others = [...queue.jobs.keys()].filter((id) => !GIVEN_IDS.includes(id as 'a')).slice(-8);
  const all = [...GIVEN_IDS, ...others];
  return all[drawn % all.length]!;
}

/** The same of a job on which another one is to depend: mostly one that goes on. */
export function parentOf(queue: QueueModel, drawn: number): string {
  const live = [...queue.jobs.values()].filter((job) => !isFinal(job)).slice(-8);
  return drawn % 4 === 0 || live.length === 0 ? idOf(queue, drawn) : live[drawn % live.length]!.id;
}

export function jobOf(queue: QueueModel, drawn: number): Job | undefined {
  return queue.jobs.get(idOf(queue, drawn));
}
