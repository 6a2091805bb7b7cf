import { QueueActiveError } from '../errors/index.js';
import { oneOf } from '../options/check/checks.js';
import { fieldTable, readFields } from '../options/index.js';
import { keysUnder, registryKey, scripts, unlinkKeys } from '../redis/index.js';
import { listWorkers } from './inspector.js';
import { LaneQueue } from './lane.js';
import { listJobs } from './listing.js';
import type { QueueAdmin } from './queue-admin.js';
import type { QueueContext } from './queue-context.js';

/** How to delete a queue. */
export interface DeleteOptions {
  /** Also while jobs run: they are taken from their workers. @default false */
  readonly force?: boolean | undefined;
}

/** What to drain. */
export interface DrainOptions {
  /** Also the jobs that are delayed. @default false */
  readonly delayed?: boolean | undefined;
}

const DELETE = fieldTable<{ force: boolean }>({ force: oneOf(true, false) });
const DRAIN = fieldTable<{ delayed: boolean }>({ delayed: oneOf(true, false) });
/** Jobs a step: 200 with tags took up to 12 ms of Redis among a million. */
const PAGE = 100;
/** Keys that only mean something beside those of the queue itself: they go first, in steps. */
const SIDE_KEYS = /^(?!h:)[^:]+:/;

/**
 * Takes all keys of a queue away. What belongs to single jobs goes first, in steps; then the queue itself, in one.
 *
 * @throws QueueActiveError while jobs run, unless `force`
 */
export async function deleteQueue(queue: QueueContext, options: DeleteOptions): Promise<void> {
  const { force = false } = readFields(options, DELETE, () => `delete('${queue.name}')`);
  const reply = await queue.ask(scripts.retire, { force: force ? 1 : 0 });
  if (reply.code === 'ACTIVE') throw new QueueActiveError(queue.name, reply.jobs);
  // What its jobs use of resources is free for the other queues of the slot.
  if (force) for (const { epoch } of await listWorkers(queue, {})) await deregisterWorker(queue, epoch);
  const { client } = queue.connection;
  const start = `${queue.base}:`;
  const own = new Set<string>();
  for await (const keys of keysUnder(client, start)) {
    const sides = keys.filter((key) => SIDE_KEYS.test(key.slice(start.length)));
    for (const key of keys) if (!sides.includes(key)) own.add(key);
    await unlinkKeys(client, sides);
  }
  await unlinkKeys(client, [...own]);
  // What was written meanwhile.
  for await (const keys of keysUnder(client, start)) await unlinkKeys(client, keys);
  await forgetQueue(queue);
  queue.undeclare();
}

/** Takes the queue off the list of queues; its jobs stay. */
export async function forgetQueue(queue: QueueContext): Promise<void> {
  const { scripts: runner, prefix } = queue.connection;
  await runner.run(scripts.forgetQueue, registryKey(prefix), { name: queue.name });
}

/** Removes the jobs that wait, in steps; how many there were. */
export async function drainQueue(queue: QueueContext, admin: QueueAdmin, options: DrainOptions): Promise<number> {
  const { delayed = false } = readFields(options, DRAIN, () => `drain('${queue.name}')`);
  const lane = new LaneQueue(queue);
  let removed = 0;
  for (const state of delayed ? (['waiting', 'delayed'] as const) : (['waiting'] as const)) {
    for (let more = 1; more > 0;) {
      const { now } = queue;
      const reply = await lane.call(
        scripts.drain,
        ({ laneId, seq }) => ({ now, laneId, seq, state, limit: PAGE }),
        () => [],
      );
      removed += reply.done;
      more = reply.more;
    }
  }
  return removed + (await removeRest(queue, admin));
}

/** What waits otherwise than ready: for a handler. */
async function removeRest(queue: QueueContext, admin: QueueAdmin): Promise<number> {
  let removed = 0;
  for (;;) {
    const { jobs } = await listJobs(queue, 'waiting', { limit: PAGE });
    const outcomes = await admin.remove(jobs.map(({ id }) => id));
    const done = outcomes.filter((outcome) => outcome === 'removed').length;
    removed += done;
    if (done === 0) return removed;
  }
}

/** Takes a worker off the list: all that it holds goes back to the front of the queue, uncharged. */
export async function deregisterWorker(queue: QueueContext, epoch: string): Promise<void> {
  for (let left = 1; left > 0;) ({ left } = await queue.ask(scripts.close, { now: queue.now, epoch }));
}
