import type { Job } from './job.js';
import type { QueueModel } from './queue-model.js';
import type { World } from './world.js';

/** A rate: how many may start in any span of so many ms. */
export function rateOf(queue: QueueModel): { readonly count: number; readonly spanMs: number } | undefined {
  const [count, spanMs] = (queue.settings.get('rate') ?? '').split(',').map(Number);
  return spanMs === undefined || count === undefined ? undefined : { count, spanMs };
}

/** Starts that count towards the rate now. Where the clock was set back none does: they cannot be placed in time any more. */
export function countedStarts(queue: QueueModel, now: number): readonly number[] {
  const rate = rateOf(queue);
  if (rate === undefined || queue.starts.some((at) => at > now)) return [];
  return queue.starts.filter((at) => at + rate.spanMs > now);
}

/** How many jobs more may be leased now, by the limits of the queue. */
export function roomOf(queue: QueueModel, now: number): number {
  const most = Number(queue.settings.get('concurrency') ?? Infinity);
  const rate = rateOf(queue);
  const room = Math.max(0, most - queue.inState('active').length);
  return rate === undefined ? room : Math.min(room, Math.max(0, rate.count - countedStarts(queue, now).length));
}

/** Whether the settings of a group, or those of all groups, let one job more of it run. */
export function mayStart(queue: QueueModel, group: string): boolean {
  const own = queue.groups.get(group);
  const most = own?.concurrency === '' || own === undefined ? queue.settings.get('group:concurrency') : own.concurrency;
  const held = queue.inState('active').filter((job) => job.group === group);
  return own?.paused !== 'p' && held.length < Number(most ?? Infinity);
}

/** A job was leased, and did not start: the rate counts it no more. */
export function giveBackStart(world: World, job: Job): void {
  const queue = world.queue(job.queue);
  const at = queue.starts.indexOf(job.lease?.since ?? -1);
  if (at >= 0) queue.starts.splice(at, 1);
}
