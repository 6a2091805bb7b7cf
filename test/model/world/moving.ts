import { dependentsOf } from './edges.js';
import { isFinal, refOf, type Job } from './job.js';
import type { QueueModel } from './queue-model.js';
import type { Pending, World } from './world.js';

/** A job that neither runs nor has ended gets a time, or leaves its place for another reason. */
export function changeTime(world: World, queue: QueueModel, job: Job, at: number | undefined, isMoved: boolean): void {
  const isLater = at !== undefined && at > world.now;
  if (job.state === 'blocked') {
    if (at !== undefined) job.at = isLater ? at : 0;
    return;
  }
  const wasTimed = job.state === 'delayed' || job.state === 'retrying';
  if (!isMoved && !(wasTimed ? at !== undefined : isLater)) return;
  if (!isLater) {
    if (wasTimed) queue.tell('w', job.id);
    queue.toBack([job]);
    return;
  }
  job.at = at;
  if (job.state === 'retrying') return;
  job.state = 'delayed';
  queue.tell('d', job.id);
}

/** What keeps a job from a queue: T its id is taken there, D its unique key is. */
export function obstacleTo(world: World, job: Job, target: QueueModel): 'T' | 'D' | undefined {
  const isOwn = job.queue === target.index;
  if (!isOwn && target.jobs.has(job.id)) return 'T';
  const { unique } = job.sketch;
  const holder = unique === undefined ? undefined : target.holderOf(unique.key, world.now);
  return holder === undefined || (isOwn && holder === job.id) ? undefined : 'D';
}

/** Puts a job that does not run into a queue of the slot, as new: what was said of it goes with it, what became of it does not. */
export function moveTo(world: World, job: Job, target: QueueModel, at: number | undefined): void {
  const source = world.queue(job.queue);
  const wasBlocked = job.state === 'blocked';
  const wasOver = isFinal(job);
  const time = at ?? (wasBlocked ? job.at : 0);
  source.jobs.delete(job.id);
  source.release(job);
  const remembered = source.remembered.get(job.id);
  source.remembered.delete(job.id);
  if (source !== target) {
    source.tell('m', job.id);
    rename(world, job, target.index);
  }
  renew(job);
  if (!wasBlocked) job.needs.clear();
  target.jobs.set(job.id, job);
  if (remembered !== undefined) target.remembered.set(job.id, remembered);
  const { unique } = job.sketch;
  if (unique !== undefined) target.uniques.set(unique.key, { id: job.id, expiry: undefined });
  const hasFailed = source !== target && dependentsOf(world, refOf(job), 'failed').length > 0;
  if (wasOver || hasFailed)
    world.notes.push({ what: 'O', ref: refOf(job), queue: target.index, text: '', isParent: true });
  if (wasBlocked) Object.assign(job, { state: 'blocked', at: time > world.now ? time : 0 });
  else if (time > world.now) Object.assign(job, { state: 'delayed', at: time });
  else target.toBack([job]);
  target.tell(wasBlocked ? 'k' : time > world.now ? 'd' : 'w', job.id);
}

/** A whole budget of attempts, and nothing of what the job did or suffered. */
function renew(job: Job): void {
  job.notes.clear();
  Object.assign(job, {
    failures: 0,
    stalls: 0,
    uncounted: 0,
    isSuspect: false,
    isUnending: job.sketch.expiresInMs !== undefined,
    error: undefined,
    history: [],
    outcome: undefined,
    kind: undefined,
    keptUntil: undefined,
  });
}

/** The job has another name from now on, for those that wait for it and those that it has failed. */
function rename(world: World, job: Job, queue: number): void {
  const [before, after] = [refOf(job), refOf({ queue, id: job.id })];
  const called = callBack(world, job, before);
  job.queue = queue;
  for (const child of world.jobs()) {
    const edge = called.has(child) ? 'open' : child.needs.get(before);
    if (edge === undefined || edge === 'dead' || edge === 'untold') continue;
    child.needs.delete(before);
    child.needs.set(after, edge);
    child.said = child.said.map((ref) => (ref === before ? after : ref));
  }
  for (const { pending } of world.queues)
    for (const note of pending) note.children = note.children.map((ref) => (ref === before ? after : ref));
}

/** The jobs that have still to be told how this one had ended wait for it again, for it is tried again. They are not told. */
function callBack(world: World, job: Job, ref: string): ReadonlySet<Job> {
  const isLate = (note: Pending): boolean => job.isParent && note.ref === ref && 'ftbxX'.includes(note.what);
  const notes = world.queue(job.queue).pending.filter(isLate);
  const children = notes.flatMap((note) => note.children).flatMap((name) => world.job(name) ?? []);
  for (const note of notes) note.children = [];
  return new Set(children.filter(({ needs }) => needs.get(ref) === 'untold'));
}
