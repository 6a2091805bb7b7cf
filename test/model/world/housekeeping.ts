import type { HousekeepReply } from '../../../libs/core/src/redis/scripts.generated.js';
import type { Keyspace } from '../../lua/support/keyspace.js';
import { forget, retentionOf } from './ending.js';
import { FINALS, refIn, type Job } from './job.js';
import type { QueueModel } from './queue-model.js';
import { call } from './resources.js';
import { dueIn } from './serving.js';
import { sweep } from './sweeping.js';
import { Mismatch, type World } from './world.js';
import { resume, settle } from './telling.js';

const DAY_MS = 86_400_000;
/** Statistics of so many days are kept. */
const STATS_DAYS = 90;

/** What passes with time, at most `budget` jobs of each kind; which ones is seen in the keys, and must be the first ones. */
export function judgeHousekeeping(
  world: World,
  queue: QueueModel,
  budget: number,
  reply: HousekeepReply,
  keys: Keyspace,
): void {
  if (reply.code !== 'OK') throw new Mismatch(`housekeep answered ${reply.code}`);
  if (Number(queue.settings.get('listening') ?? 0) <= world.now) queue.isHeard = false;
  const stalled = queue.inState('active');
  const reclaimed = sweep(world, queue, budget, (job) => keys.hash(`h:${job.lease?.epoch}`)[job.id] !== undefined);
  promote(world, queue, budget);
  for (const state of Object.values(FINALS)) prune(world, queue, state, budget, reply.more === 1, keys);
  settle(world);
  const hasMoreEdges = resume(world, queue, budget, (ref) => untoldIn(world, keys, ref));
  forgetOthers(world, queue, keys);
  const lines = [...new Set([...world.jobs()].flatMap(({ line }) => line?.name ?? []))];
  if ((keys.meta['bits'] ?? '').includes('w')) call(world, queue, lines, true);
  const expected = {
    code: 'OK',
    more: reply.more,
    due: dueIn(world, queue),
    unclaimed: [...new Set(queue.inState('aside').map(({ name }) => name))].sort(),
    stalled: stalled
      .filter(({ kind, outcome }) => kind === 'stalled' && outcome?.at === world.now)
      .map(({ id }) => id)
      .sort(),
    schedules: [...queue.schedules.values()].filter(({ state, at }) => state === 'running' && at <= world.now).length,
    // Jobs of groups, and those that use something, may have to wait; entries of jobs that have gone count as well.
    ready: queue.inState('waiting').some(({ group, uses }) => group === undefined && uses.length === 0)
      ? 1
      : reply.ready,
  };
  const actual = { ...reply, unclaimed: [...reply.unclaimed].sort(), stalled: [...reply.stalled].sort() };
  if (JSON.stringify(actual) !== JSON.stringify(expected))
    throw new Mismatch(`housekeep answered ${JSON.stringify(actual)}, the model has ${JSON.stringify(expected)}`);
  if (reply.more === 0 && (hasMoreEdges || reclaimed >= budget || dueOf(world, queue).length > 0))
    throw new Mismatch('housekeep says that there is no more to do, and there is');
}

function dueOf(world: World, queue: QueueModel, state?: 'delayed' | 'retrying'): Job[] {
  const all = [...queue.jobs.values()].filter((job) =>
    state === undefined ? 'delayed retrying'.includes(job.state) : job.state === state,
  );
  return all.filter(({ at }) => at <= world.now).sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}

/** Dependents of a job that have still to be told, by the list of what was put off. */
function untoldIn(world: World, keys: Keyspace, ref: string): Set<string> {
  const [queue = '', id = ''] = ref.split(/\/(.*)/s);
  const entries = keys.members('dq').map((entry) => entry.split('\n', 1)[0]!.split('\t'));
  const numbers = entries.filter(([what, , of]) => of === id && what !== 'O').map(([, number]) => number ?? '');
  const names = numbers.flatMap((number) => keys.members(`dx:${number}`));
  return new Set(names.map((name) => refIn(world, Number(queue), name)));
}

/** Jobs whose time has come join the back of the queue, at least half of the budget of each kind. */
function promote(world: World, queue: QueueModel, budget: number): void {
  const retried = dueOf(world, queue, 'retrying').slice(0, Math.ceil(budget / 2));
  const delayed = dueOf(world, queue, 'delayed').slice(0, Math.max(1, budget - retried.length));
  for (const job of [...retried, ...delayed]) queue.tell('w', job.id);
  queue.toBack([...retried, ...delayed]);
}

/** Finished jobs past their count or age go, the first ones first. */
function prune(
  world: World,
  queue: QueueModel,
  state: Job['state'],
  budget: number,
  isMore: boolean,
  keys: Keyspace,
): void {
  const isGone = ({ id }: Job): boolean => keys.hash('j')[id] === undefined;
  const others = queue.inState(state).filter(({ keptUntil }) => keptUntil === undefined);
  others.sort(
    state === 'completed'
      ? (a, b) => a.turn - b.turn
      : (a, b) => a.outcome!.at - b.outcome!.at || (a.id < b.id ? -1 : 1),
  );
  const { count = Infinity, ageMs = Infinity } = retentionOf(queue, state);
  const young = others.findIndex(({ outcome }) => outcome!.at > world.now - ageMs);
  const overdue = others.slice(0, Math.max(others.length - count, young < 0 ? others.length : young));
  const own = queue.inState(state).filter(({ keptUntil }) => keptUntil !== undefined);
  own.sort((a, b) => a.keptUntil! - b.keptUntil! || (a.id < b.id ? -1 : 1));
  const ownOverdue = own.filter(({ keptUntil }) => keptUntil! <= world.now);
  for (const [all, due] of [
    [others, overdue],
    [own, ownOverdue],
  ] as const) {
    const gone = all.filter(isGone);
    if (gone.some((job, i) => job !== due[i]))
      throw new Mismatch(`${gone.map(({ id }) => id).join()} are gone, ${due.map(({ id }) => id).join()} may go`);
    if (gone.length > budget) throw new Mismatch(`${gone.length} ${state} jobs are gone, the budget is ${budget}`);
    // Entries of departed jobs in the list of completed ones count as well: the next look takes the rest.
    const isHindered = state === 'completed' && all === others && all.length > 0;
    if (!isMore && gone.length < due.length && !isHindered)
      throw new Mismatch(
        `of ${due.map(({ id }) => id).join()} only ${gone.map(({ id }) => id).join()} are gone, and there is no more to do`,
      );
    for (const job of gone) forget(world, job);
  }
}

/** Keys, ids and lanes whose time is over are forgotten when somebody looks, some of them at a time. */
function forgetOthers(world: World, queue: QueueModel, keys: Keyspace): void {
  for (const [key, { expiry }] of queue.uniques)
    if (expiry !== undefined && expiry <= world.now && keys.hash('uk')[key] === undefined) queue.uniques.delete(key);
  for (const [lane, { usedAt }] of queue.lanes)
    if (usedAt <= world.now - 86_400_000 && keys.hash('l')[lane] === undefined) queue.lanes.delete(lane);
  for (const [id, until] of queue.remembered) {
    const stored = keys.sorted('ids')[id];
    if (until > world.now) continue;
    if (stored === undefined && !queue.jobs.has(id)) queue.remembered.delete(id);
    else if (stored !== undefined && !Number.isInteger(stored)) queue.remembered.set(id, 0);
  }
  const last = Math.floor(world.now / DAY_MS) - STATS_DAYS;
  for (const field of queue.counted.keys()) if (Number.parseInt(field, 10) <= last) queue.counted.delete(field);
}
