import fc from 'fast-check';

import { add } from '../../../libs/core/src/redis/scripts.generated.js';
import { sketchWithin, type Feature } from '../world/features.js';
import { newJob, wireBody, type Job, type Sketch } from '../world/job.js';
import type { QueueModel } from '../world/queue-model.js';
import type { World } from '../world/world.js';
import { expectReply, performInLane } from './perform.js';
import { someProducer, someQueue, steps } from './step.js';

/** Payloads that a core which reads them would not give back as they were. */
const PAYLOADS = [
  '{}',
  '[]',
  '[9007199254740993,0.30000000000000004,1e400]',
  '"a\\u0000\\ud800\\tb"',
  '\u00e9\u2028\n\n{"__proto__":1}',
];

const PLAIN: Sketch = { name: 'amend', payload: '[]', priority: 0 };
/** Each job in store has a name of its own, and nothing else has it. */
const STORED = [
  { id: 's0', sketch: PLAIN },
  { id: 's1', sketch: { ...PLAIN, priority: 5, keep: ['', '0'], expiresInMs: 5 } },
] as const;

export const someSketch: fc.Arbitrary<Sketch> = fc.record({
  name: fc.constantFrom('greet', 'greet', 'bill'),
  payload: fc.constantFrom(...PAYLOADS),
  priority: fc.constantFrom(0, 0, 0, 5, -5),
  keep: fc.constantFrom(
    undefined,
    undefined,
    undefined,
    ['0', '0'] as const,
    ['50', ''] as const,
    ['', '200'] as const,
  ),
  expiresInMs: fc.constantFrom(undefined, undefined, undefined, undefined, 5, 500),
  stalls: fc.constantFrom(undefined, 1),
  stored: fc.constantFrom(undefined, undefined, undefined, ...STORED),
});

/** When a job may run: at once, after so many ms, or at a time so many ms from now. */
export const someTime: fc.Arbitrary<Time> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ d: undefined, a: undefined }) },
  { weight: 1, arbitrary: fc.record({ d: fc.constantFrom(0, 1, 20, 500), a: fc.constant(undefined) }) },
  { weight: 1, arbitrary: fc.record({ d: fc.constant(undefined), a: fc.constantFrom(-5, 0, 1, 500) }) },
);
export type Time = { readonly d?: number | undefined; readonly a?: number | undefined };

/** A drawn time, if the sequence knows of times. */
export function timeWithin(features: ReadonlySet<Feature>, time: Time): Time {
  return features.has('times') ? time : {};
}

/** The instructions of a row, and the time that they come to. */
export function timing({ d, a }: Time, now: number): { readonly how: readonly string[]; readonly at: number } {
  if (d !== undefined) return { how: [`d${d}`], at: now + d };
  if (a !== undefined) return { how: [`a${now + a}`], at: now + a };
  return { how: [], at: now };
}

export function priorityHow(priority: number): readonly string[] {
  return priority === 0 ? [] : [`p${priority}`];
}

/** A new job comes into the queue: it waits, or is delayed. */
export function arrive(world: World, queue: QueueModel, job: Job, at: number): void {
  queue.jobs.set(job.id, job);
  queue.tell(at > world.now ? 'd' : 'w', job.id);
  if (at <= world.now) return queue.toBack([job]);
  Object.assign(job, { state: 'delayed', at });
}

export const adding = steps(
  'add',
  {
    queue: someQueue,
    producer: someProducer,
    rows: fc.array(fc.record({ sketch: someSketch, time: someTime }), { minLength: 1, maxLength: 3 }),
  },
  async ({ queue: index, producer, rows }, world, core) => {
    const queue = world.queue(index);
    const jobs = rows.map(({ sketch, time }) => ({
      job: newJob(`m${world.mint()}`, index, world.now, sketchWithin(world.features, sketch)),
      ...timing(timeWithin(world.features, time), world.now),
    }));
    const flat = jobs.flatMap(({ job, how }) => {
      const text = [...how, ...priorityHow(job.priority)].join(',');
      return [text === '' ? job.id : `${job.id}\t${text}`, wireBody(job.sketch)];
    });
    await performInLane(world, core, producer, { queue: index, script: add, args: { own: 0, rows: flat } }, (reply) => {
      expectReply(reply, { code: 'OK', now: world.now });
      for (const { job, at } of jobs) arrive(world, queue, job, at);
    });
  },
);
