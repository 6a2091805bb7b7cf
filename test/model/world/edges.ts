import { finish } from './ending.js';
import { addStored } from './in-store.js';
import { isFinal, refOf, type Job } from './job.js';
import type { QueueModel } from './queue-model.js';
import { Mismatch, type Note, type Pending, type World } from './world.js';

const WORDS: Readonly<Record<string, string>> = {
  f: 'failed',
  t: 'timed out',
  b: 'could not be read',
  x: 'was cancelled',
  X: 'was cancelled',
  R: 'was removed',
};

/** What one call tells of its own at most: a number that no sequence comes to. */
const MANY = 250;

/** Tells all whom it concerns what has become of jobs in this call; those of other queues last. */
export function settle(world: World): void {
  const abroad: (() => void)[] = [];
  for (;;) {
    const note = world.notes.shift();
    if (note !== undefined) tell(world, note, abroad);
    else if (abroad.length > 0) abroad.shift()!();
    else return;
  }
}

/** Nobody is told by this call: housekeeping does it. */
export function putOff(world: World): void {
  for (const note of world.notes.splice(0)) {
    const children = dependentsOf(world, note.ref, 'open');
    for (const child of children) child.needs.set(note.ref, 'untold');
    if (note.what === 'R') buryFailed(world, note.ref);
    if (note.isParent || note.what === 'U')
      world.queue(note.queue).pending.push({ ...note, children: children.map(refOf) });
  }
}

/** What one look of housekeeping tells of what was put off; `untold` are those whom it has not come to. True if there may be more. */
export function resume(
  world: World,
  queue: QueueModel,
  budget: number,
  untold: (ref: string) => ReadonlySet<string>,
): boolean {
  world.budget = { left: Math.min(budget, MANY), untold };
  try {
    while (world.budget.left > 0) {
      const [first] = queue.pending;
      if (first === undefined) return false;
      queue.pending.shift();
      if (first.what === 'U') world.budget.left -= 1;
      const abroad: (() => void)[] = [];
      tell(world, first, abroad, true);
      for (const follow of abroad) follow();
      settle(world);
    }
    return true;
  } finally {
    world.budget = { left: MANY, untold: () => new Set() };
  }
}

function tell(world: World, note: Pending | Note, abroad: (() => void)[], isLater = false): void {
  if (note.what === 'U') return cutAll(world, note.ref);
  if (note.what === 'O' && isLater && hasFailedAgain(world, note.ref)) return;
  const { pending } = world.queue(note.queue);
  const named =
    'children' in note
      ? note.children.flatMap((ref) => world.job(ref) ?? []).filter(({ needs }) => needs.get(note.ref) === 'untold')
      : undefined;
  const children =
    note.what === 'O' ? dependentsOf(world, note.ref, 'failed') : (named ?? dependentsOf(world, note.ref, 'open'));
  const isBlocked = note.what === 'O' && pending.length > 0 && !isLater;
  const rest = world.budget.untold(note.ref);
  const told = isBlocked ? [] : children.filter((child) => !rest.has(refOf(child)));
  if (told.length > world.budget.left)
    throw new Mismatch(`${told.length} dependents were told, ${world.budget.left} may be`);
  world.budget.left -= told.length;
  const left = children.filter((child) => !told.includes(child));
  if (left.length > 0) {
    if (note.what !== 'O') for (const child of left) child.needs.set(note.ref, 'untold');
    const again = { ...note, children: left.map(refOf) };
    if (isLater) pending.unshift(again);
    else pending.push(again);
  }
  for (const child of told) {
    // What else becomes of the job in this call is not told to it again.
    if (note.what !== 'O') child.needs.set(note.ref, 'untold');
    const follow = (): void =>
      note.what === 'O' ? reopen(world, child, note.ref) : hear(world, child, isLater ? asItIs(world, note) : note);
    if (child.queue === note.queue) follow();
    else abroad.push(follow);
  }
  if (note.what === 'R') buryFailed(world, note.ref);
}

/** Before those that it had failed were told that it is tried again: they stay as they are. */
function hasFailedAgain(world: World, ref: string): boolean {
  const parent = world.job(ref);
  return parent === undefined || (parent.outcome !== undefined && parent.outcome.letter !== 'c');
}

/** What has become of a job by the time at which its dependents hear of its end: it may have been tried again. */
function asItIs(world: World, note: Note): Note {
  const parent = world.job(note.ref);
  if (parent === undefined || !'ftbxX'.includes(note.what)) return note;
  if (parent.outcome === undefined) return parent.isParent ? { ...note, what: '' } : note;
  const what = note.what === 'X' ? 'X' : parent.outcome.letter;
  return { ...note, what, text: parent.outcome.text };
}

/** What a job that is gone has failed, or keeps blocked, no call opens again. */
function buryFailed(world: World, ref: string): void {
  for (const child of dependentsOf(world, ref, 'failed')) child.needs.set(ref, 'dead');
}

/** The jobs that wait for this one, or that it has failed. */
export function dependentsOf(world: World, ref: string, edge: 'open' | 'failed'): Job[] {
  return [...world.jobs()].filter((job) => job.needs.get(ref) === edge);
}

function cutAll(world: World, ref: string): void {
  const job = world.job(ref);
  job?.needs.clear();
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
function reopen(world: World, child: Job, ref: string): void {
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
