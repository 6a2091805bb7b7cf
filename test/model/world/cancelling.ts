import { finish } from './ending.js';
import { take } from './exchanging.js';
import { type Job } from './job.js';
import { note } from './leaving.js';
import type { QueueModel } from './queue-model.js';
import { release } from './resources.js';
import type { World } from './world.js';

/** Ends a live job as cancelled; a run is taken from its worker. */
export function cancelJob(
  world: World,
  queue: QueueModel,
  job: Job,
  {
    text,
    reason,
    isCascade = false,
    hasHeir = false,
  }: { text: string; reason: 'cancelled' | 'replaced'; isCascade?: boolean; hasHeir?: boolean },
): void {
  const { lease } = job;
  const attempt = job.failures + job.stalls + (lease === undefined ? 0 : 1);
  if (lease !== undefined) {
    take(queue, job, reason);
    note(job, 'x', world.now, attempt, { worker: lease.epoch, text });
  }
  finish(world, job, { letter: 'x', attempt, durationMs: 0, text, isCascade, hasHeir });
  if (lease !== undefined) release(world, queue, [job]);
}
