import { finish } from './ending.js';
import type { Job } from './job.js';
import { countedStarts, rateOf, roomOf } from './limits.js';
import { byTurn, type Epoch, type QueueModel } from './queue-model.js';
import { Mismatch, type World } from './world.js';

const EXPIRED =
  '{"name":"JobExpiredError","code":"JOB_EXPIRED","kind":"expired","message":"The job was not started within its expiresInMs."}';

/** What a call leased, and whether it came to the end of what may run. */
export interface Served {
  readonly jobs: readonly Job[];
  readonly isDry: boolean;
}

/**
 * Leases up to `want` jobs to an epoch. `handed` are the ids that the core has handed out: the model allows them only in its order,
 * and takes theirs where the order of equals is not said. `isGone` says what of equals the core has come to.
 */
export function serve(
  world: World,
  queue: QueueModel,
  epoch: Epoch,
  {
    want,
    token,
    handed,
    isGone,
  }: { want: number; token: string; handed: readonly string[]; isGone: (job: Job) => boolean },
): Served {
  const room = queue.isPaused ? 0 : Math.min(want, roomOf(queue, world.now));
  const jobs: Job[] = [];
  let isEmpty = false;
  while (jobs.length < room && !isEmpty) {
    const first = firstOf(queue);
    const next = first.find((job) => job.id === handed[jobs.length] && !isExpired(world, job));
    if (first.length === 0) isEmpty = true;
    else if (next !== undefined) jobs.push(lease(world, queue, epoch, next, token));
    else if (!first.some((job) => isExpired(world, job))) {
      const said = handed[jobs.length];
      throw new Mismatch(
        `${first.map(({ id }) => id).join(' or ')} is next, ${said === undefined ? 'nothing' : said} was handed out`,
      );
    } else expireAll(world, first);
  }
  const last = jobs.at(-1);
  if (last !== undefined)
    expireAll(
      world,
      firstOf(queue).filter((job) => byTurn(last, job) === 0 && isGone(job)),
    );
  if (handed.length > jobs.length) throw new Mismatch(`${handed[jobs.length]} was handed out, and must not be`);
  return { jobs, isDry: isEmpty || room < want };
}

/** The jobs that are next: one, or several whose order is not said. */
function firstOf(queue: QueueModel): Job[] {
  const [first, ...others] = queue.waiting();
  return first === undefined ? [] : [first, ...others.filter((job) => byTurn(first, job) === 0)];
}

function expireAll(world: World, jobs: readonly Job[]): void {
  for (const job of jobs) {
    if (!isExpired(world, job)) continue;
    finish(world, job, { letter: 'x', attempt: job.failures + job.stalls, durationMs: 0, text: EXPIRED });
  }
}

function isExpired(world: World, job: Job): boolean {
  const { expiresInMs } = job.sketch;
  return expiresInMs !== undefined && !job.isUnending && job.createdAt + expiresInMs <= world.now;
}

function lease(world: World, queue: QueueModel, epoch: Epoch, job: Job, token: string): Job {
  if (rateOf(queue) !== undefined) queue.starts = [...countedStarts(queue, world.now), world.now];
  Object.assign(job, {
    state: 'active',
    lease: {
      epoch: epoch.name,
      token,
      nth: epoch.leased,
      isMarked: false,
      since: rateOf(queue) === undefined ? -1 : world.now,
    },
  });
  epoch.leased += 1;
  queue.tell('a', job.id);
  return job;
}

/** In how many ms something falls due that may start then; -1 = nothing. */
export function dueIn(world: World, queue: QueueModel): number {
  const { now } = world;
  const later = [...queue.jobs.values()].filter(({ state }) => state === 'delayed' || state === 'retrying');
  const schedules = [...queue.schedules.values()].filter(({ state, at }) => state === 'running' && at > now);
  const times = [...later, ...schedules].map(({ at }) => at);
  return times.length === 0 ? -1 : Math.max(0, Math.min(...times) - now);
}

/** The same for a worker that found nothing more: it asks again when the rate lets a job start. */
export function dueForWorker(world: World, queue: QueueModel): number {
  const wait = dueIn(world, queue);
  const rate = rateOf(queue);
  const starts = countedStarts(queue, world.now);
  if (rate === undefined || starts.length < rate.count) return wait;
  const open = starts[starts.length - rate.count]! + rate.spanMs - world.now;
  return wait < 0 ? open : Math.min(wait, open);
}
