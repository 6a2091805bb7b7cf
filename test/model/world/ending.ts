import { FINALS, isFinal, refOf, type Job } from './job.js';
import type { QueueModel } from './queue-model.js';
import type { World } from './world.js';

/** How a job ends. */
export interface End {
  readonly letter: string;
  readonly attempt: number;
  readonly durationMs: number;
  readonly text: string;
  readonly kind?: string | undefined;
  /** Those that depend on it are cancelled with it. */
  readonly isCascade?: boolean;
  /** Another job of its id takes its place, for those that depend on it as well. */
  readonly hasHeir?: boolean;
}

const USUAL_KINDS: Readonly<Record<string, string>> = { f: 'Error', t: 'timeout', b: 'broken' };

/** A job has ended: it is kept as a finished one, or forgotten at once. Its dependents are told when the call is settled. */
export function finish(world: World, job: Job, end: End): void {
  const queue = world.queue(job.queue);
  const { letter, attempt, durationMs, text } = end;
  const state = FINALS[letter]!;
  if (letter !== 'c') queue.count(job.name, letter, world.now);
  queue.release(job);
  queue.tell(letter, job.id);
  const usual = USUAL_KINDS[letter];
  Object.assign(job, {
    state,
    outcome: { letter, at: world.now, attempt, durationMs, text },
    kind: usual === undefined ? undefined : end.kind || usual,
    lease: undefined,
    error: undefined,
    turn: world.calls,
    at: 0,
  });
  if (end.hasHeir !== true)
    world.notes.push({
      what: end.isCascade === true ? 'X' : letter,
      ref: refOf(job),
      queue: job.queue,
      text,
      isParent: job.isParent,
    });
  const own = job.sketch.keep?.[letter === 'c' ? 0 : 1] ?? '';
  job.keptUntil = own === '' ? undefined : world.now + Number(own);
  const isDropped = own === '' ? keepsNone(queue, state) : Number(own) === 0;
  if (isDropped && end.hasHeir !== true) forget(world, job);
}

/** Nothing of the job is left but what others know of it. Who waits for it is told when the call is settled. */
export function forget(world: World, job: Job): void {
  const queue = world.queue(job.queue);
  const ref = refOf(job);
  queue.jobs.delete(job.id);
  job.needs.clear();
  world.notes.push({ what: 'R', ref, queue: job.queue, text: '', isParent: job.isParent });
}

/** A job is deleted by a call: its id and its key are free. */
export function remove(world: World, job: Job): void {
  const queue = world.queue(job.queue);
  if (!isFinal(job)) queue.release(job);
  queue.remembered.delete(job.id);
  forget(world, job);
}

/** How many jobs of a state are kept, and for how long; undefined = no bound. */
export function retentionOf(
  queue: QueueModel,
  state: string,
): { count: number | undefined; ageMs: number | undefined } {
  const usual = state === 'completed' || state === 'cancelled' ? '1000,86400000' : '10000,2592000000';
  const [count, age] = (queue.settings.get(`keep:${state}`) ?? usual)
    .split(',')
    .map((part) => (part === '' ? undefined : Number(part)));
  return { count, ageMs: age };
}

function keepsNone(queue: QueueModel, state: string): boolean {
  const { count, ageMs } = retentionOf(queue, state);
  return count === 0 || ageMs === 0;
}
