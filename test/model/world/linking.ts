import { depend } from './admitting.js';
import { hear, nameOf, release } from './edges.js';
import type { Job, Policy } from './job.js';
import type { World } from './world.js';
import { settle } from './telling.js';

const LETTERS: Readonly<Record<string, string>> = {
  waiting: 'w',
  aside: 'w',
  delayed: 'd',
  retrying: 'r',
  blocked: 'b',
  failed: 'f',
  cancelled: 'x',
};

/** The state of a job by the letter that `link` has for it. */
export function stateAfter(job: Job): string {
  return LETTERS[job.state] ?? job.state;
}

/** The job depends on these no more. */
export function unlinkFrom(world: World, job: Job, refs: readonly string[]): void {
  if (refs.length === 0) return;
  for (const ref of refs) {
    job.needs.delete(ref);
    job.results.delete(ref);
  }
  job.said = job.said.filter((ref) => !refs.includes(ref));
  if (job.said.length === 0) Object.assign(job, { policy: undefined, isLenient: false });
  if (job.needs.size === 0) release(world, [job]);
  settle(world);
}

/** The job depends on others as well: it waits for those that go on, and keeps its time. */
export function linkTo(world: World, job: Job, fresh: readonly string[], refs: readonly string[], how: string): void {
  const queue = world.queue(job.queue);
  const letter = how.replace('d', '');
  const before = inVain(world, job);
  job.policy = letter === '' ? (job.policy ?? 'f') : (letter as Policy);
  const dead = job.policy === 'b' ? [] : before;
  job.isLenient = how.endsWith('d');
  job.said = [...new Set([...job.said, ...refs])];
  for (const ref of fresh) job.results.delete(ref);
  const fates = fresh.flatMap((ref) => {
    const parent = world.job(ref);
    return parent === undefined ? [] : [parent.outcome?.letter ?? ''];
  });
  const isKept = fates.some((fate) => fate !== 'c' && (fate === '' || job.policy !== 'r'));
  if (isKept && job.state !== 'blocked') {
    const at = job.state === 'delayed' || job.state === 'retrying' ? job.at : 0;
    Object.assign(job, { state: 'blocked', at });
    queue.tell('k', job.id);
  }
  depend(world, job, fresh);
  for (const ref of dead)
    hear(world, job, { what: world.job(ref)?.outcome?.letter ?? 'R', ref, queue: job.queue, text: '', isParent: true });
  settle(world);
}

/** What a job that stays blocked waits for in vain: under another policy that is judged anew. */
function inVain(world: World, job: Job): string[] {
  if (job.policy !== 'b') return [];
  const dead = [...job.needs].filter(([ref, edge]) => {
    const parent = world.job(ref);
    return parent === undefined || (edge === 'failed' && !['c', undefined].includes(parent.outcome?.letter));
  });
  return dead
    .map(([ref]) => ref)
    .sort((one, other) => compare(nameOf(world, one, job.queue), nameOf(world, other, job.queue)));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
