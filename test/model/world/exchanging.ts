import type { ExchangeCall } from './client.js';
import { wireEnvelope, type Job } from './job.js';
import { leave, type Ending } from './leaving.js';
import type { Epoch, QueueModel } from './queue-model.js';
import { dueForWorker, serve, type Wanted } from './serving.js';
import type { World } from './world.js';
import { putOff, settle } from './telling.js';

/** What a worker is told that it has not yet shown receipt of. */
export function pendingOf(epoch: Epoch, received: number): string {
  epoch.taken = epoch.taken.filter(({ number }) => number > received);
  return epoch.taken.map(({ number, id, token, reason }) => `${number}\t${id}\t${token}\t${reason}\n`).join('');
}

/** A run of a living epoch was ended by somebody else. */
export function take(queue: QueueModel, job: Job, reason: 'cancelled' | 'replaced' | 'expired'): void {
  const { lease } = job;
  const epoch = queue.epochs.get(lease?.epoch ?? '');
  if (lease === undefined || epoch === undefined) return;
  epoch.takenSoFar += 1;
  epoch.taken.push({ number: epoch.takenSoFar, id: job.id, token: lease.token, reason });
}

/** A call that was answered already is answered again: what it leased and what is still held by it. */
export function answerAgain(queue: QueueModel, epoch: Epoch, call: ExchangeCall): unknown {
  const token = `${call.slot}.${call.seq}`;
  const jobs = queue.heldBy(epoch.name).filter(({ lease }) => lease?.token === token);
  return {
    code: 'OK',
    refused: epoch.slots.get(call.slot)?.refused ?? '',
    jobs: pairs(jobs),
    pause: queue.pause,
    taken: pendingOf(epoch, call.received),
    dry: 0,
    due: -1,
  };
}

/** Hands in ends and leases jobs; what must be replied. `seen` is as `serve` wants it. */
export function exchangeIn(
  world: World,
  queue: QueueModel,
  epoch: Epoch,
  call: ExchangeCall,
  seen: Pick<Wanted, 'handed' | 'isGone' | 'hasGhosts' | 'standsIn'> & { readonly due: number },
): unknown {
  const { accepted, refused } = sort(queue, epoch, call.ends);
  leave(world, epoch.name, accepted);
  settle(world);
  epoch.isSpared = false;
  const token = `${call.slot}.${call.seq}`;
  const { jobs, isDry, hadRoom } = serve(world, queue, epoch, { want: call.want, token, ...seen });
  queue.called -= Math.min(queue.called, jobs.length);
  putOff(world);
  epoch.slots.set(call.slot, { seq: call.seq, refused });
  epoch.expiry = world.now + epoch.lease;
  const isParked = isDry && call.park > 0;
  if (isParked) {
    queue.parked.add(epoch.name);
    queue.parking = epoch.name;
  } else if (call.park === 2) queue.parked.delete(epoch.name);
  return {
    code: 'OK',
    refused,
    jobs: pairs(jobs),
    pause: queue.pause,
    taken: pendingOf(epoch, call.received),
    dry: isDry ? 1 : 0,
    due: isDry ? dueForWorker(world, queue, hadRoom, seen.due) : -1,
  };
}

/** The ends of runs that hold their jobs, of each job the first; and the numbers of the others. */
function sort(
  queue: QueueModel,
  epoch: Epoch,
  ends: ExchangeCall['ends'],
): { accepted: (readonly [Job, Ending])[]; refused: string } {
  const accepted: (readonly [Job, Ending])[] = [];
  const refused: number[] = [];
  const seen = new Set<string>();
  for (const [i, [id, token, end]] of ends.entries()) {
    const job = queue.jobs.get(id);
    const holds = job?.lease?.epoch === epoch.name && job.lease.token === token;
    if (job === undefined || !holds || seen.has(id)) refused.push(i + 1);
    else accepted.push([job, end]);
    if (holds) seen.add(id);
  }
  return { accepted, refused: refused.join(',') };
}

function pairs(jobs: readonly Job[]): string[] {
  return jobs.flatMap((job) => [job.id, wireEnvelope(job)]);
}
