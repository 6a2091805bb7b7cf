import { faultsIn } from '../../lua/support/faults.js';
import type { Core } from '../core/core.js';
import type { Snapshot } from '../core/snapshot.js';
import { because } from '../world/edges.js';
import type { Job } from '../world/job.js';
import { byTurn, type QueueModel } from '../world/queue-model.js';
import { Mismatch, type World } from '../world/world.js';
import { viewOfKeys } from './of-keys.js';
import { viewOfModel } from './of-model.js';
import { slotOfKeys, slotOfModel } from './slot.js';
import { differences, type QueueView } from './view.js';

const SHOWN = 8;

/** Holds the keyspace after a call against what must be true of any, and against what the model predicts of this one. */
export function compare(world: World, core: Core, before: Snapshot, after: Snapshot): void {
  const bases = [...core.queues.map(({ base }) => base), core.slot];
  const faults = after.strays(bases).map((key) => `the key ${key} belongs to no queue`);
  faults.push(...differences(slotOfKeys(after.keys(core.slot)), slotOfModel(world), 'the slot'));
  for (const [index, { base }] of core.queues.entries()) {
    const queue = world.queue(index);
    const keys = after.keys(base);
    const actual = viewOfKeys(keys, before.keys(base), world.now);
    takeOver(world, queue, actual);
    // Whoever looks after the clock was set back forgets what was counted before.
    if (queue.starts.some((at) => at > world.now) && keys.members('rl').length === 0) queue.starts = [];
    const found = [
      ...differences(actual, viewOfModel(world, queue)),
      ...faultsIn(keys, false),
      ...wakings(queue, keys.members('i')),
    ];
    faults.push(...found.map((fault) => `queue ${queue.name}: ${fault}`));
  }
  if (faults.length === 0) return;
  const more = faults.length > SHOWN ? [`and ${faults.length - SHOWN} more`] : [];
  throw new Mismatch([...faults.slice(0, SHOWN), ...more].join('\n'));
}

/** Where the order of equals is not said, the model takes that which the keys have. */
function takeOver(world: World, queue: QueueModel, actual: QueueView): void {
  for (const [group, ids] of Object.entries(actual.waiting)) {
    const jobs = queue.waiting(group === '' ? undefined : group);
    if (isAllowed(queue, ids, jobs.length, byTurn)) spread(queue, ids, byTurn);
  }
  for (const job of queue.jobs.values())
    if (job.needs.size > 1) takeCause(world, job, actual.jobs[job.id]?.outcome ?? '');
  const ended = queue.inState('completed').filter(({ keptUntil }) => keptUntil === undefined);
  if (isAllowed(queue, actual.completed, ended.length, byEnd)) spread(queue, actual.completed, byEnd);
}

/** Of several dependencies that ended in one call, any may be named as that which failed the job. */
function takeCause(world: World, job: Job, actual: string): void {
  const { outcome } = job;
  if (outcome === undefined || outcome.at !== world.now) return;
  const text = actual.slice(actual.indexOf('\n') + 1);
  const failed = [...job.needs].filter(([, edge]) => edge === 'failed' || edge === 'dead');
  const causes = failed.flatMap(([ref]) => ['f', 't', 'b', 'x', 'R'].map((what) => because(world, job, ref, what)));
  if (causes.includes(outcome.text) && causes.includes(text)) job.outcome = { ...outcome, text };
}

function byEnd(a: Job, b: Job): number {
  return a.turn - b.turn;
}

function isAllowed(queue: QueueModel, ids: readonly string[], count: number, order: typeof byTurn): boolean {
  const jobs = ids.map((id) => queue.jobs.get(id));
  return (
    jobs.length === count && jobs.every((job, i) => job !== undefined && (i === 0 || order(jobs[i - 1]!, job) <= 0))
  );
}

/** Equal turns become unequal ones, in this order. */
function spread(queue: QueueModel, ids: readonly string[], order: typeof byTurn): void {
  const jobs = ids.map((id) => queue.jobs.get(id)!);
  jobs.forEach((job, i) => {
    const last = jobs[i - 1];
    if (last !== undefined && order(last, job) >= 0) job.turn = last.turn + 1e-7;
  });
}

/** A worker that sleeps although something became ready was not woken. Nobody listens here, so that none is found twice. */
function wakings(queue: QueueModel, parked: readonly string[]): string[] {
  const stray = parked
    .filter((epoch) => !queue.parked.has(epoch))
    .map((epoch) => `${epoch} is parked, and did not ask to be`);
  const asleep =
    queue.hasNews || queue.called > 0
      ? parked.filter((epoch) => epoch !== queue.parking).map((epoch) => `${epoch} sleeps although a job became ready`)
      : [];
  queue.parked.clear();
  for (const epoch of parked) queue.parked.add(epoch);
  return [...stray, ...asleep];
}
