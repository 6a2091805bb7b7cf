import { retake } from './edges.js';
import { refOf, type Job } from './job.js';
import { note } from './leaving.js';
import type { QueueModel } from './queue-model.js';
import type { World } from './world.js';

/** A finished job gets a whole budget of attempts; false if another job has its unique key now. `flush` puts it into the queue. */
export function revive(world: World, job: Job): boolean {
  if (!retake(world, job)) return false;
  const { outcome } = job;
  // The end of a job that has ended is its outcome, which is lost now: it becomes an entry, unless it is one.
  if (outcome !== undefined && job.history.at(-1)?.startsWith(`${outcome.letter}${outcome.at}`) !== true) {
    const { letter, at, attempt, durationMs, text } = outcome;
    note(job, letter, at, attempt, { durationMs, text: letter === 'c' ? '' : text });
  }
  note(job, 'R', world.now, job.failures + job.stalls);
  world.notes.push({ what: 'O', ref: refOf(job), queue: job.queue, text: '', isParent: true });
  Object.assign(job, {
    state: 'waiting',
    outcome: undefined,
    kind: undefined,
    keptUntil: undefined,
    failures: 0,
    stalls: 0,
    uncounted: 0,
    isSuspect: false,
    isUnending: job.sketch.expiresInMs !== undefined,
  });
  return true;
}

/**
 * What jobs waited for counts no more when they are retried, but for what is retried with them: those wait again. `isChosen` says
 * which other jobs a later call of the same kind will retry.
 */
export function putBack(
  world: World,
  queue: QueueModel,
  jobs: readonly Job[],
  isChosen: (job: Job) => boolean = () => false,
): void {
  const back: Job[] = [];
  for (const job of jobs) {
    for (const ref of job.needs.keys()) {
      const parent = world.job(ref);
      const isOwn = parent?.queue === queue.index;
      if (isOwn && jobs.includes(parent)) waitFor(job, parent, 'open');
      else if (isOwn && isChosen(parent)) waitFor(job, parent, 'failed');
      else job.needs.delete(ref);
    }
    if (job.needs.size > 0) Object.assign(job, { state: 'blocked', at: 0 });
    else back.push(job);
    queue.tell(job.needs.size > 0 ? 'k' : 'w', job.id);
  }
  queue.toBack(back);
}

/** The edge is known to both, whatever had become of it. */
function waitFor(job: Job, parent: Job, edge: 'open' | 'failed'): void {
  job.needs.set(refOf(parent), edge);
  parent.isParent = true;
}
