import { newJob, type Job } from './job.js';
import { Mismatch, type World } from './world.js';

/**
 * Adds what a job has in store for the case that it fails for good; where it waits is decided by the caller. The number in its id
 * is one that the core has counted: it is seen in the keys.
 */
export function addStored(world: World, job: Job): readonly Job[] {
  const { stored } = job.sketch;
  if (stored === undefined) return [];
  const queue = world.queue(job.queue);
  const head = `${stored.id}.`;
  const numbers = world
    .idsThere(job.queue)
    .filter((id) => id.startsWith(head) && !queue.jobs.has(id))
    .map((id) => Number(id.slice(head.length)));
  if (numbers.length === 0) throw new Mismatch(`${stored.id}, which ${job.id} has in store, was not added`);
  const added = newJob(`${head}${Math.min(...numbers)}`, job.queue, world.now, stored.sketch);
  queue.jobs.set(added.id, added);
  queue.tell('w', added.id);
  return [added];
}
