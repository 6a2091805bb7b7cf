import { dependentsOf, hear, reopen } from './edges.js';
import { refOf } from './job.js';
import type { QueueModel } from './queue-model.js';
import { Mismatch, type Note, type Pending, type World } from './world.js';

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

function cutAll(world: World, ref: string): void {
  const job = world.job(ref);
  job?.needs.clear();
}
