import { finish } from './ending.js';
import { addStored } from './in-store.js';
import type { Job } from './job.js';
import { giveBackStart } from './limits.js';
import { release } from './resources.js';
import type { World } from './world.js';

/** What a worker says of an attempt. */
export interface Ending {
  /** c completed, r retry, u retry uncounted, z snooze, f t b x for good, g given back, n no handler here. */
  readonly letter: string;
  readonly durationMs: number;
  readonly delayMs: number;
  readonly kind: string;
  readonly text: string;
  /** What the worker says that the job is called, or nothing. */
  readonly name: string;
}

const STALLED =
  '{"name":"JobStalledError","code":"JOB_STALLED","kind":"stalled","message":"The process that ran the job vanished, each time it was tried."}';
const STALL_LIMIT = 3;

/** An entry of a job's history. */
export function note(
  job: Job,
  letter: string,
  at: number,
  attempt: number,
  { durationMs = 0, worker = '', kind = '', text = '' } = {},
): void {
  job.history.push(`${letter}${at}\t${attempt}\t${durationMs}\t${worker}\t${kind}\n${text.slice(0, 500)}`);
}

/** Runs of one epoch end, in this order; `worker` is what it calls itself. */
export function leave(world: World, worker: string, ends: readonly (readonly [Job, Ending])[]): void {
  const back: Job[] = [];
  const stored: Job[] = [];
  const jobs = ends.map(([job]) => job);
  for (const [job, end] of ends) {
    const isUnstarted = end.letter === 'n' || (end.letter === 'g' && end.durationMs === 0);
    if (isUnstarted) giveBackStart(world, job);
    job.lease = undefined;
    if (end.letter === 'g') {
      back.push(job);
      world.queue(job.queue).tell('w', job.id);
    } else if (end.letter === 'n') setAside(world, job);
    else if ('ruz'.includes(end.letter)) goOn(world, worker, job, end);
    else {
      conclude(world, worker, job, end);
      if ('ftb'.includes(end.letter)) stored.push(...addStored(world, job));
    }
  }
  const [first] = ends;
  if (first === undefined) return;
  const queue = world.queue(first[0].queue);
  release(world, queue, jobs);
  queue.toFront(back);
  queue.toBack(stored);
}

function setAside(world: World, job: Job): void {
  const queue = world.queue(job.queue);
  Object.assign(job, { state: 'aside', turn: world.mint() });
  queue.tell('n', job.id);
}

function goOn(world: World, worker: string, job: Job, { letter, durationMs, delayMs, kind, text }: Ending): void {
  const queue = world.queue(job.queue);
  note(job, letter, world.now, job.failures + job.stalls + 1, { durationMs, worker, kind, text });
  if (letter === 'r') {
    job.failures += 1;
    job.uncounted = 0;
    queue.count(job.name, 'r', world.now);
  } else job.uncounted += 1;
  if (text !== '') job.error = text;
  job.state = letter === 'z' ? 'delayed' : 'retrying';
  job.at = world.now + delayMs;
  queue.tell(letter === 'z' ? 'd' : 'r', job.id);
}

function conclude(world: World, worker: string, job: Job, { letter, durationMs, kind, text }: Ending): void {
  const attempt = job.failures + job.stalls + 1;
  if (letter === 'f' || letter === 't') job.failures += 1;
  if (letter !== 'c' || job.history.length > 0)
    note(job, letter, world.now, attempt, { durationMs, worker, kind, text: letter === 'c' ? '' : text });
  finish(world, job, { letter, attempt, durationMs, text, kind });
}

/**
 * The process that ran these jobs has vanished. A marked start is a stall, and the last one that a job may have fails it; without a
 * mark the job was only fetched, as far as anybody knows.
 */
export function reclaim(world: World, worker: string, jobs: readonly Job[]): void {
  const back: Job[] = [];
  const stored: Job[] = [];
  for (const job of jobs) {
    const queue = world.queue(job.queue);
    const isMarked = job.lease?.isMarked === true;
    job.lease = undefined;
    if (isMarked) {
      job.stalls += 1;
      queue.count(job.name, 's', world.now);
    }
    const attempt = job.failures + job.stalls;
    if (isMarked && job.stalls >= (job.sketch.stalls ?? STALL_LIMIT)) {
      note(job, 'f', world.now, attempt, { worker, kind: 'stalled', text: STALLED });
      finish(world, job, { letter: 'f', attempt, durationMs: 0, text: STALLED, kind: 'stalled' });
      stored.push(...addStored(world, job));
      continue;
    }
    job.isSuspect = true;
    if (isMarked) note(job, 's', world.now, attempt, { worker });
    queue.tell('s', job.id);
    back.push(job);
  }
  const [first] = jobs;
  if (first === undefined) return;
  const queue = world.queue(first.queue);
  release(world, queue, jobs);
  queue.toFront(back);
  queue.toBack(stored);
}
