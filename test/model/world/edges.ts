import { finish } from './ending.js';
import { addStored } from './in-store.js';
import { isFinal, refOf, type Job } from './job.js';
import type { QueueModel } from './queue-model.js';
import type { Note, World } from './world.js';

const WORDS: Readonly<Record<string, string>> = {
  f: 'failed',
  t: 'timed out',
  b: 'could not be read',
  x: 'was cancelled',
  X: 'was cancelled',
  R: 'was removed',
};

/** The jobs that wait for this one, or that it has failed. */
export function dependentsOf(world: World, ref: string, edge: 'open' | 'failed'): Job[] {
  return [...world.jobs()].filter((job) => job.needs.get(ref) === edge);
}

/** A job hears how one that it waits for has ended. */
export function hear(world: World, child: Job, { what, ref, text }: Note): void {
  if (!child.needs.has(ref)) return;
  if (what === '') return void child.needs.set(ref, 'open');
  const policy = what === 'c' ? 'r' : what === 'X' ? 'c' : (child.policy ?? 'f');
  if (policy === 'r') {
    child.needs.delete(ref);
    child.results.set(ref, what === 'c' ? `c${text}` : what);
    if (child.needs.size === 0) release(world, [child]);
    return;
  }
  const parent = world.job(ref);
  child.needs.set(ref, parent !== undefined && isFinal(parent) ? 'failed' : 'dead');
  if (child.state !== 'blocked' || policy === 'b') return;
  finish(world, child, {
    letter: policy === 'f' ? 'f' : 'x',
    attempt: 0,
    durationMs: 0,
    text: because(world, child, ref, what),
    kind: 'dependency',
    isCascade: what === 'X',
  });
  if (policy === 'f') for (const stored of addStored(world, child)) join(world.queue(stored.queue), stored);
}

/** Jobs that wait for no other ones any more go on, at their time. */
export function release(world: World, jobs: readonly Job[]): void {
  for (const job of jobs) {
    if (job.state !== 'blocked') continue;
    const queue = world.queue(job.queue);
    const isDue = job.at <= world.now;
    queue.tell(isDue ? 'w' : 'd', job.id);
    if (!isDue) job.state = 'delayed';
    else join(queue, job);
  }
}

/** The job waits behind all others. Which of several dependents is told first is not said. */
function join(queue: QueueModel, job: Job): void {
  queue.toBack([job]);
  job.turn = Math.min(job.turn, ...queue.freed.map(({ turn }) => turn));
  queue.freed.push(job);
}

/** The job that failed this one is tried again: it waits for that one once more, unless something else keeps it as it is. */
export function reopen(world: World, child: Job, ref: string): void {
  const parent = world.job(ref);
  if (parent === undefined || !child.needs.has(ref)) return;
  const queue = world.queue(child.queue);
  const isKept = [...child.needs].some(([other, edge]) => other !== ref && edge !== 'open');
  if (isFinal(child) && !isKept && retake(world, child)) {
    Object.assign(child, { state: 'blocked', at: 0, outcome: undefined, kind: undefined, keptUntil: undefined });
    queue.tell('k', child.id);
    world.notes.push({ what: 'O', ref: refOf(child), queue: child.queue, text: '', isParent: true });
  }
  child.needs.set(ref, 'open');
  const { outcome } = parent;
  if (outcome !== undefined)
    hear(world, child, { what: outcome.letter, ref, queue: parent.queue, text: outcome.text, isParent: true });
}

/** A job that had ended holds its unique key again; false if another one has it. */
export function retake(world: World, job: Job): boolean {
  const queue = world.queue(job.queue);
  const { unique } = job.sketch;
  if (unique?.letter !== 'u') return true;
  const holder = queue.holderOf(unique.key, world.now);
  if (holder === undefined) queue.uniques.set(unique.key, { id: job.id, expiry: undefined });
  return holder === undefined || holder === job.id;
}

/** What a job says that a dependency of it has failed; `what` as of a note. */
export function because(world: World, child: Job, ref: string, what: string): string {
  const message = `Job ${nameOf(world, ref, child.queue, '/')}, on which this one depends, ${WORDS[what]}.`;
  return `{"name":"DependencyFailedError","code":"DEPENDENCY_FAILED","kind":"dependency","message":"${message}"}`;
}

/** A job as another queue names it: `{queue}id` on the wire, `queue/id` for people. */
export function nameOf(world: World, ref: string, from: number, style: '{}' | '/' = '{}'): string {
  const [queue = '', id = ''] = ref.split(/\/(.*)/s);
  if (Number(queue) === from) return id;
  const { name } = world.queue(Number(queue));
  return style === '/' ? `${name}/${id}` : `{${name}}${id}`;
}
