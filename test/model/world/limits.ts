import type { Job } from './job.js';
import type { QueueModel } from './queue-model.js';
import type { World } from './world.js';

/** The span of all rates of groups. */
export const GROUP_SPAN_MS = 100;

/** So many may start in any span of so many ms. */
export interface Rate {
  readonly count: number;
  readonly spanMs: number;
}

function rateIn(setting: string | undefined): Rate | undefined {
  const [count, spanMs] = (setting ?? '').split(',').map(Number);
  return spanMs === undefined || count === undefined ? undefined : { count, spanMs };
}

export function rateOf(queue: QueueModel): Rate | undefined {
  return rateIn(queue.settings.get('rate'));
}

/** The own rate of a group, or that which all groups have. */
export function rateOfGroup(queue: QueueModel, group: string): Rate | undefined {
  const own = queue.groups.get(group)?.rate ?? '';
  return rateIn(own === '' ? queue.settings.get('group:rate') : own);
}

/** Starts that count towards a rate now. Where the clock was set back none does: they cannot be placed in time any more. */
export function counted(starts: readonly number[], rate: Rate | undefined, now: number): readonly number[] {
  if (rate === undefined || starts.some((at) => at > now)) return [];
  return starts.filter((at) => at + rate.spanMs > now);
}

export function countedOfGroup(queue: QueueModel, group: string, now: number): readonly number[] {
  return counted(queue.groupStarts.get(group) ?? [], rateOfGroup(queue, group), now);
}

/** How many jobs more may be leased now, by the limits of the queue. */
export function roomOf(queue: QueueModel, now: number): number {
  const most = Number(queue.settings.get('concurrency') ?? Infinity);
  const rate = rateOf(queue);
  const room = Math.max(0, most - queue.inState('active').length);
  return rate === undefined ? room : Math.min(room, Math.max(0, rate.count - counted(queue.starts, rate, now).length));
}

/** Whether the settings of a group, or those of all groups, let one job more of it run, were it not for its rate. */
function isOpen(queue: QueueModel, group: string): boolean {
  const own = queue.groups.get(group);
  const most = own?.concurrency === '' || own === undefined ? queue.settings.get('group:concurrency') : own.concurrency;
  const held = queue.inState('active').filter((job) => job.group === group);
  return own?.paused !== 'p' && held.length < Number(most ?? Infinity);
}

export function mayStart(queue: QueueModel, group: string, now: number): boolean {
  return isOpen(queue, group) && opensIn(rateOfGroup(queue, group), queue.groupStarts.get(group) ?? [], now) === 0;
}

/** A job starts: it counts towards the rates that there are. */
export function countStart(queue: QueueModel, group: string | undefined, now: number): void {
  const rate = rateOf(queue);
  const ofGroup = group === undefined ? undefined : rateOfGroup(queue, group);
  if (rate !== undefined) queue.starts = [...counted(queue.starts, rate, now), now];
  if (ofGroup !== undefined) queue.groupStarts.set(group!, [...countedOfGroup(queue, group!, now), now]);
}

/**
 * A job was leased, and did not start: rates count it no more. What is known is when it was leased, of jobs without a group only where
 * there was a rate; whether it counted itself, or another one in the same millisecond, is all the same to a rate that came later.
 */
export function giveBackStart(world: World, { queue: index, group, lease }: Job): void {
  const queue = world.queue(index);
  const takeBack = (starts: number[] | undefined): void => {
    const at = starts?.indexOf(lease?.since ?? -1) ?? -1;
    if (at >= 0) starts!.splice(at, 1);
  };
  takeBack(queue.starts);
  if (group !== undefined) takeBack(queue.groupStarts.get(group));
}

/** In how many ms a rate lets a job start; 0 = now. */
function opensIn(rate: Rate | undefined, starts: readonly number[], now: number): number {
  const all = counted(starts, rate, now);
  return rate === undefined || all.length < rate.count ? 0 : all[all.length - rate.count]! + rate.spanMs - now;
}

/** In how many ms the rate of the queue lets a job start; 0 = now. */
export function queueOpensIn(queue: QueueModel, now: number): number {
  return opensIn(rateOf(queue), queue.starts, now);
}

/** In how many ms a job of a group may start that only its rate holds back; Infinity = there is none. */
export function groupsOpenIn(queue: QueueModel, now: number): number {
  const groups = new Set(
    queue.inState('waiting').flatMap(({ group, line }) => (line === undefined ? (group ?? []) : [])),
  );
  const waits = [...groups]
    .filter((group) => isOpen(queue, group))
    .map((group) => opensIn(rateOfGroup(queue, group), queue.groupStarts.get(group) ?? [], now));
  return Math.min(Infinity, ...waits.filter((wait) => wait > 0));
}
