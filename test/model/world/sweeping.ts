import type { Job } from './job.js';
import { reclaim } from './leaving.js';
import type { Epoch, QueueModel } from './queue-model.js';
import type { World } from './world.js';

/** The epoch is gone, with what was known of it. */
export function dropEpoch(queue: QueueModel, epoch: string): void {
  queue.epochs.delete(epoch);
  queue.parked.delete(epoch);
}

/** After an outage of those who look, each living epoch has more time, once until it shows itself. */
function spareAll(queue: QueueModel, now: number, seen: number): void {
  for (const epoch of queue.epochs.values()) {
    if (!epoch.isOpen) continue;
    const expiry = spared(epoch, now, seen);
    if (expiry === undefined) continue;
    epoch.expiry = expiry;
    epoch.isSpared = true;
  }
}

function spared(epoch: Epoch, now: number, seen: number): number | undefined {
  const whole = now + epoch.lease;
  if (now < seen) return epoch.expiry > whole ? whole : undefined;
  const third = Math.floor(epoch.lease / 3);
  const wasLivingThen = epoch.expiry >= seen;
  if (now - seen <= third || !wasLivingThen || epoch.isSpared) return undefined;
  if (epoch.expiry <= now) return whole;
  return epoch.expiry < now + third ? now + third : undefined;
}

/**
 * What housekeeping does with epochs past their leases, at most `budget` jobs of them. `stillHeld` says which jobs of an epoch are
 * left to a later look, where they are too many for this one.
 */
export function sweep(world: World, queue: QueueModel, budget: number, stillHeld: (job: Job) => boolean): number {
  const { now } = world;
  const seen = queue.seen ?? now;
  if (now < seen || now - seen > 30) spareAll(queue, now, seen);
  const past = [...queue.epochs.values()].filter(({ expiry }) => expiry <= now);
  past.sort((a, b) => a.expiry - b.expiry || (a.name < b.name ? -1 : 1));
  const graceMs = Number(queue.settings.get('grace') ?? 0);
  let reclaimed = 0;
  for (const epoch of past) {
    if (reclaimed >= budget) break;
    if (graceMs > 0 && epoch.isOpen && epoch.late !== epoch.expiry) {
      epoch.late = now + graceMs;
      epoch.expiry = epoch.late;
      continue;
    }
    epoch.isOpen = false;
    queue.parked.delete(epoch.name);
    const held = queue.heldBy(epoch.name);
    const taken =
      held.length < budget - reclaimed ? held : held.filter((job) => !stillHeld(job)).slice(0, budget - reclaimed);
    reclaim(world, epoch.name, taken);
    if (taken.length < budget - reclaimed) dropEpoch(queue, epoch.name);
    reclaimed += taken.length;
  }
  queue.seen = now;
  return reclaimed;
}
