import { FINAL_STATES, type JobState } from '../job/job-state.js';
import { decodePayload } from '../job/payload.js';
import { LATER_FORMAT } from '../job/record.js';
import { scripts } from '../redis/index.js';
import type { QueueContext } from './queue-context.js';

/** How many jobs are in each state; `unclaimed` of the waiting ones have a name that no worker handled. */
export type JobCounts = Readonly<Record<JobState | 'unclaimed', number>>;

/** A live worker of the queue. */
export interface WorkerInfo {
  /** The identity under which it holds jobs; a new one after every loss. */
  readonly epoch: string;
  readonly leaseUntil: Date;
  /** What the worker says of itself. */
  readonly info: unknown;
}

/** Names for which jobs wait although no worker handled them, and how many. */
export interface Unclaimed {
  readonly name: string;
  readonly count: number;
}

export async function countJobs(queue: QueueContext): Promise<JobCounts> {
  const { waiting, unclaimed, delayed, retrying, active, finished } = await queue.ask(scripts.counts, {});
  const final = Object.fromEntries(FINAL_STATES.map((state, i) => [state, Number(finished[i] ?? 0)])) as Record<
    (typeof FINAL_STATES)[number],
    number
  >;
  return { waiting, unclaimed, delayed, retrying, active, ...final };
}

export async function unclaimedNames(queue: QueueContext): Promise<Unclaimed[]> {
  const { names } = await queue.ask(scripts.counts, {});
  const found: Unclaimed[] = [];
  for (let i = 0; i < names.length; i += 2) {
    const name = names[i] ?? '';
    const count = Number(names[i + 1]);
    if (count > 0) found.push({ name: name === LATER_FORMAT ? '(stored by a newer release)' : name, count });
  }
  return found;
}

export async function listWorkers(queue: QueueContext): Promise<WorkerInfo[]> {
  const { rows } = await queue.ask(scripts.workers, {});
  const workers: WorkerInfo[] = [];
  for (let i = 0; i < rows.length; i += 4) {
    const decoded = decodePayload(rows[i + 3] ?? '');
    workers.push({
      epoch: rows[i] ?? '',
      leaseUntil: new Date(Number(rows[i + 1])),
      info: decoded.ok ? decoded.value : undefined,
    });
  }
  return workers;
}

/** The lines that a job logged, oldest first. */
export async function readLog(queue: QueueContext, id: string): Promise<string[]> {
  const { fields } = await queue.ask(scripts.notes, { id });
  const lines: [number, string][] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const field = fields[i] ?? '';
    if (field.startsWith('l')) lines.push([Number(field.slice(1)), fields[i + 1] ?? '']);
  }
  return lines.sort(([a], [b]) => a - b).map(([, line]) => line);
}
