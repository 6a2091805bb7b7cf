import { retentionOf } from './ending.js';
import type { QueueModel } from './queue-model.js';

/** All times after this one at which something falls due, is over or may go, the next first. */
export function timesAfter(now: number, queues: readonly QueueModel[]): number[] {
  const all = queues.flatMap((queue) => [
    ...timesOfJobs(queue),
    ...[...queue.uniques.values()].flatMap(({ expiry }) => expiry ?? []),
    ...[...queue.epochs.values()].map(({ expiry }) => expiry),
    ...[...queue.schedules.values()].filter(({ state }) => state === 'running').map(({ at }) => at),
    ...queue.remembered.values(),
  ]);
  return [...new Set(all)].filter((at) => at > now).sort((a, b) => a - b);
}

function timesOfJobs(queue: QueueModel): number[] {
  return [...queue.jobs.values()].flatMap(({ at, state, createdAt, sketch, outcome, keptUntil }) => [
    at,
    ...(state === 'waiting' && sketch.expiresInMs !== undefined ? [createdAt + sketch.expiresInMs] : []),
    ...(outcome === undefined ? [] : [keptUntil ?? outcome.at + (retentionOf(queue, state).ageMs ?? 0)]),
  ]);
}
