import { FINAL_STATES, type JobState } from '../job/job-state.js';
import { decodePayload } from '../job/payload.js';
import { LATER_FORMAT } from '../job/record.js';
import { wholeNumber } from '../options/check/checks.js';
import { fieldTable, readFields } from '../options/index.js';
import { scripts } from '../redis/index.js';
import type { QueueContext } from './queue-context.js';

/** How many jobs are in each state; `unclaimed` of the waiting ones have a name that no worker handled. */
export type JobCounts = Readonly<Record<JobState | 'unclaimed', number>>;

/** A live worker of the queue. */
export interface WorkerInfo {
  /** The identity under which it holds jobs; a new one after every loss. */
  readonly epoch: string;
  /** Renewed every third of it; one that is past is being waited for, or its jobs are about to be taken back. */
  readonly leaseUntil: Date;
  /** Since when it holds jobs under this identity. */
  readonly since: Date | undefined;
  /** How many jobs it holds: those that it runs, and those that it has taken ahead. */
  readonly held: number;
  /** What it runs, the longest first, 100 at most; it says so every third of its lease, so the youngest may be missing. */
  readonly running: readonly RunningInfo[];
  /** What the worker says of itself. */
  readonly info: unknown;
}

/** A job that a worker runs. */
export interface RunningInfo {
  readonly id: string;
  readonly name: string;
  readonly attempt: number;
  /** When its handler began. */
  readonly startedAt: Date;
}

/** Which of the workers to read. */
export interface WorkersOptions {
  /** How many to pass over, in the order of the ends of their leases. @default 0 */
  readonly offset?: number | undefined;
  /** 1 to 1,000. @default 1000 */
  readonly limit?: number | undefined;
}

const WORKERS_DEFAULTS = Object.freeze({ offset: 0, limit: 1_000 });
const WORKERS = fieldTable<{ offset: number; limit: number }>({
  offset: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  limit: wholeNumber(1, 1_000),
});
/** Workers read in one call, and the values of each. */
const WORKERS_PAGE = 50;
const ROW = 6;

/** Names for which jobs wait although no worker handled them, and how many. */
export interface Unclaimed {
  readonly name: string;
  readonly count: number;
}

export async function countJobs(queue: QueueContext): Promise<JobCounts> {
  const { waiting, unclaimed, delayed, retrying, active, aggregating, blocked, finished } = await queue.ask(
    scripts.counts,
    {},
  );
  const final = Object.fromEntries(FINAL_STATES.map((state, i) => [state, Number(finished[i] ?? 0)])) as Record<
    (typeof FINAL_STATES)[number],
    number
  >;
  return { waiting, unclaimed, delayed, retrying, blocked, aggregating, active, ...final };
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

/** @throws InvalidOptionError, UnknownOptionError */
export async function listWorkers(queue: QueueContext, options: WorkersOptions): Promise<WorkerInfo[]> {
  const said = readFields(options, WORKERS, () => `workers('${queue.name}')`);
  const { offset, limit } = { ...WORKERS_DEFAULTS, ...said };
  const workers: WorkerInfo[] = [];
  while (workers.length < limit) {
    const asked = Math.min(WORKERS_PAGE, limit - workers.length);
    const { rows } = await queue.ask(scripts.workers, { offset: offset + workers.length, limit: asked });
    for (let i = 0; i < rows.length; i += ROW) workers.push(toWorker(rows.slice(i, i + ROW)));
    if (rows.length < asked * ROW) break;
  }
  return workers;
}

function toWorker(row: readonly (string | null)[]): WorkerInfo {
  const [epoch, leaseEnd, held, info, since, running] = row;
  const decoded = decodePayload(info ?? '');
  return {
    epoch: epoch ?? '',
    leaseUntil: new Date(Number(leaseEnd)),
    since: since ? new Date(Number(since)) : undefined,
    held: Number(held),
    running: running ? running.split('\n').map(toRunning) : [],
    info: decoded.ok ? decoded.value : undefined,
  };
}

function toRunning(line: string): RunningInfo {
  const [id = '', , startedAt, attempt, name = ''] = line.split('\t');
  return { id, name, attempt: Number(attempt), startedAt: new Date(Number(startedAt)) };
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
