import { finish } from './ending.js';
import type { Job } from './job.js';
import { countStart, GROUP_SPAN_MS, groupsOpenIn, mayStart, queueOpensIn, rateOf, roomOf } from './limits.js';
import { byTurn, type Epoch, type QueueModel } from './queue-model.js';
import { joinLine, obstacleOf } from './resources.js';
import { Mismatch, type World } from './world.js';

const EXPIRED =
  '{"name":"JobExpiredError","code":"JOB_EXPIRED","kind":"expired","message":"The job was not started within its expiresInMs."}';

/** What a call leased, and whether it came to the end of what may run. */
export interface Served {
  readonly jobs: readonly Job[];
  readonly isDry: boolean;
  /** Whether the limits of the queue let any start. */
  readonly hadRoom: boolean;
}

/** What a call wants, and what the core has made of it. */
export interface Wanted {
  readonly want: number;
  readonly token: string;
  /** The ids that the core has handed out. */
  readonly handed: readonly string[];
  /** Whether the core has come to a job that can run no more. */
  readonly isGone: (job: Job) => boolean;
  /** Whether departed jobs have left entries in the list: those take turns. */
  readonly hasGhosts: boolean;
  /** For which resource a job waits after the call, and its turn. */
  readonly standsIn: (job: Job) => { readonly name: string; readonly turn: number } | undefined;
}

/**
 * Leases up to `want` jobs to an epoch: those that the core has handed out, if the model allows them. It takes the core's choice where
 * the order of equals, or whose turn of several groups it is, is not said.
 */
export function serve(
  world: World,
  queue: QueueModel,
  epoch: Epoch,
  { want, token, handed, isGone, hasGhosts, standsIn }: Wanted,
): Served {
  const room = queue.isPaused ? 0 : Math.min(want, roomOf(queue, world.now));
  const turns = new Turns(!hasGhosts);
  const jobs: Job[] = [];
  let isEmpty = false;
  /** Of those that stand first, one that lacks something waits for it from now on. */
  const lineUp = (): boolean => {
    // Of those that have no turn yet, the one that gets the next: it may be another one, that does not stand first yet.
    const isNext = (job: Job): boolean =>
      job.useTurn !== undefined || standsIn(job)!.turn === world.resources.turns + 1;
    const stuck = linesOf(world, queue)
      .flat()
      .filter(
        (job) => standsIn(job) !== undefined && obstacleOf(world, job)?.name === standsIn(job)?.name && isNext(job),
      )
      .sort((a, b) => standsIn(a)!.turn - standsIn(b)!.turn);
    const [job] = stuck;
    if (job !== undefined) joinLine(world, job, obstacleOf(world, job)!);
    if (stuck.length > 0) turns.end();
    return stuck.length > 0;
  };
  while (jobs.length < room && !isEmpty) {
    if (lineUp()) continue;
    const lines = linesOf(world, queue);
    const first = lines.flat();
    const mayRun = (job: Job): boolean => !isExpired(world, job) && obstacleOf(world, job) === undefined;
    const next = first.find((job) => job.id === handed[jobs.length] && mayRun(job));
    const over = first.filter((job) => isExpired(world, job) && (lines.length === 1 || isGone(job)));
    if (first.length === 0) isEmpty = true;
    else if (next !== undefined) {
      turns.take(
        next,
        lines.flatMap((line) => line.filter((job) => !isExpired(world, job))),
      );
      jobs.push(lease(world, queue, epoch, next, token));
    } else if (over.length > 0) {
      expireAll(world, over);
      turns.end();
    } else throw new Mismatch(`${namesOf(first)} is next, ${handed[jobs.length] ?? 'nothing'} was handed out`);
  }
  const last = jobs.at(-1);
  const isEqual = (job: Job): boolean => last !== undefined && (job.group !== last.group || byTurn(last, job) === 0);
  const passedOver = (): Job[] =>
    linesOf(world, queue)
      .flat()
      .filter((job) => isEqual(job) && isExpired(world, job) && isGone(job));
  for (let over = passedOver(); over.length > 0; over = passedOver()) expireAll(world, over);
  while (lineUp());
  if (handed.length > jobs.length) throw new Mismatch(`${handed[jobs.length]} was handed out, and must not be`);
  return { jobs, isDry: isEmpty || room < want, hadRoom: room > 0 };
}

/** Groups are served in turn, a job each, the jobs without a group like one more of them. */
class Turns {
  readonly #had = new Map<string | undefined, number>();
  #isKnown: boolean;

  constructor(isKnown: boolean) {
    this.#isKnown = isKnown;
  }

  /** A job is taken, of those that stand first in their lines. */
  take(job: Job, first: readonly Job[]): void {
    const had = this.#had.get(job.group) ?? 0;
    const skipped = first.find(({ group }) => (this.#had.get(group) ?? 0) < had);
    if (this.#isKnown && skipped !== undefined)
      throw new Mismatch(`it is the turn of ${skipped.id}, and ${job.id} was handed out`);
    this.#had.set(job.group, had + 1);
  }

  /** Jobs were passed over: whose turn it is by now cannot be told. */
  end(): void {
    this.#isKnown = false;
  }
}

/** The jobs that stand first: of each group that may start one, and of those without a group. Several where their order is not said. */
function linesOf(world: World, queue: QueueModel): Job[][] {
  const groups = new Set(queue.inState('waiting').map(({ group }) => group));
  const open = [...groups].filter((group) => group === undefined || mayStart(queue, group, world.now));
  return open.map((group) => {
    const [first, ...others] = queue.waiting(group);
    return first === undefined ? [] : [first, ...others.filter((job) => byTurn(first, job) === 0)];
  });
}

function namesOf(jobs: readonly Job[]): string {
  return jobs.map(({ id }) => id).join(' or ');
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
  countStart(queue, job.group, world.now);
  Object.assign(job, {
    state: 'active',
    lease: {
      epoch: epoch.name,
      token,
      nth: epoch.leased,
      isMarked: false,
      since: job.group === undefined && rateOf(queue) === undefined ? -1 : world.now,
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

/**
 * The same for a worker that found nothing more: it asks again when a rate lets a job start. `said` is what the core says: it may be
 * the time of a group that has been held back and is so no more.
 */
export function dueForWorker(world: World, queue: QueueModel, hadRoom: boolean, said: number): number {
  const { now } = world;
  const wait = dueIn(world, queue);
  const open = queueOpensIn(queue, now) || Infinity;
  const must = Math.min(wait < 0 ? Infinity : wait, open, hadRoom ? groupsOpenIn(queue, now) : Infinity);
  const held = [...queue.groupStarts.values()].flat().map((at) => Math.max(1, at + GROUP_SPAN_MS - now));
  if (hadRoom && said < must && held.includes(said)) return said;
  return must === Infinity ? -1 : must;
}
