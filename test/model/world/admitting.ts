import { cancelJob } from './cancelling.js';
import { hear, release } from './edges.js';
import { isFinal, refOf, type Job } from './job.js';
import { isStored, type Row, type RowVerdict } from './judging.js';
import type { QueueModel } from './queue-model.js';
import type { World } from './world.js';
import { settle } from './telling.js';

const REPLACED_ID =
  '{"name":"CancelError","code":"CANCEL","kind":"cancelled","message":"A job with the same id replaced it."}';
const REPLACED_KEY =
  '{"name":"CancelError","code":"CANCEL","kind":"cancelled","message":"A job with the same unique key replaced it."}';

/** Stores the rows that can be: what they replace goes first. */
export function admit(world: World, queue: QueueModel, rows: readonly Row[], verdicts: readonly RowVerdict[]): void {
  const chosen = rows.filter((_, i) => isStored(verdicts[i]!));
  const heirs: string[] = [];
  for (const [i, row] of rows.entries()) {
    const verdict = verdicts[i]!;
    if (!isStored(verdict)) continue;
    if (row.given !== undefined && replace(world, queue, row)) {
      heirs.push(row.job.id);
      row.job.isParent = true;
    }
    const rival = verdict.fate === 'S' ? queue.jobs.get(verdict.other!) : undefined;
    if (rival !== undefined) {
      if (rival.state === 'blocked')
        world.notes.push({ what: 'U', ref: refOf(rival), queue: queue.index, text: '', isParent: false });
      cancelJob(world, queue, rival, { text: REPLACED_KEY, reason: 'replaced' });
    }
    if (row.unique !== undefined) hold(world, queue, row);
  }
  for (const { job, at } of chosen) store(world, queue, job, at);
  for (const id of heirs)
    world.notes.push({
      what: 'O',
      ref: refOf({ queue: queue.index, id }),
      queue: queue.index,
      text: '',
      isParent: true,
    });
  settle(world);
  for (const { job } of chosen) if (job.said.length > 0) depend(world, job, job.said);
}

/** Makes room for a job of this id; true if others depend on the one that was there. */
function replace(world: World, queue: QueueModel, { job, given }: Row): boolean {
  let there = queue.jobs.get(job.id);
  if (there?.state === 'active') {
    cancelJob(world, queue, there, { text: REPLACED_ID, reason: 'replaced', hasHeir: true });
    there = queue.jobs.get(job.id);
  }
  if (there !== undefined && !isFinal(there)) queue.release(there);
  queue.jobs.delete(job.id);
  queue.remembered.set(job.id, world.now + given!.memoryMs);
  return there?.isParent === true;
}

function hold(world: World, queue: QueueModel, { job, unique }: Row): void {
  const { key, ms } = unique!;
  queue.uniques.set(key, { id: job.id, expiry: ms === '' ? undefined : world.now + Number(ms) });
}

/** A new job comes into the queue. One that depends on others is blocked, at first. */
function store(world: World, queue: QueueModel, job: Job, at: number): void {
  queue.jobs.set(job.id, job);
  const isLater = at > world.now;
  if (job.said.length > 0) {
    Object.assign(job, { state: 'blocked', at: isLater ? at : 0 });
    queue.tell('k', job.id);
  } else if (isLater) {
    Object.assign(job, { state: 'delayed', at });
    queue.tell('d', job.id);
  } else {
    queue.toBack([job]);
    queue.tell('w', job.id);
  }
}

/** A completed job is not marked: nobody waits for it. */
function markParent(world: World, ref: string): void {
  const parent = world.job(ref);
  if (parent !== undefined && parent.outcome?.letter !== 'c') parent.isParent = true;
}

/** The job waits for others from now on; how some of them have ended already is heard at once. */
export function depend(world: World, job: Job, refs: readonly string[]): void {
  const there = refs.filter((ref) => world.job(ref) !== undefined);
  for (const ref of there) {
    job.needs.set(ref, 'open');
    markParent(world, ref);
  }
  for (const ref of there) {
    const outcome = world.job(ref)?.outcome;
    if (outcome !== undefined)
      hear(world, job, { what: outcome.letter, ref, queue: job.queue, text: outcome.text, isParent: true });
  }
  if (job.needs.size === 0) release(world, [job]);
  settle(world);
}
