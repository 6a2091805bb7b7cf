import type { Job } from '../job/job.js';
import { FINAL_STATES } from '../job/job-state.js';
import { fieldsOf, memoryOf, registryKey, scripts, type Connection } from '../redis/index.js';
import { countJobs, listWorkers, type JobCounts } from './inspector.js';
import { readJobs } from './job-reader.js';
import { isQueuePaused } from './pausing.js';
import { QueueContext } from './queue-context.js';

/** How long the next job of a priority has waited. */
export interface PriorityLatency {
  readonly priority: number;
  readonly ms: number;
  /** The job. */
  readonly id: string;
}

/** How long jobs have waited that could run. */
export interface QueueLatency {
  /** The longest of all priorities; 0 when nothing waits. */
  readonly ms: number;
  /** By priority, the highest first. */
  readonly byPriority: readonly PriorityLatency[];
}

/** About how much memory of Redis a queue takes. */
export interface QueueMemory {
  readonly bytes: number;
  /** By key, without those that are empty; `h` and `s` stand for what workers hold and jobs noted. */
  readonly byKey: Readonly<Record<string, number>>;
}

/** A queue at a glance. */
export interface QueueInfo {
  readonly name: string;
  /** That it shares with other queues, if it does. */
  readonly slot: string | undefined;
  readonly counts: JobCounts;
  /** How long the job has waited that has waited longest; 0 when nothing waits. */
  readonly latencyMs: number;
  readonly isPaused: boolean;
  /** Live workers. */
  readonly workers: number;
  /** Jobs whose workers let their leases end, and that were not taken back yet. */
  readonly stalled: number;
}

/** Which queues to look at. */
export interface ListQueuesOptions {
  /** Those whose names come after this one. @default all */
  readonly after?: string | undefined;
  /** At most so many. @default 100 */
  readonly limit?: number | undefined;
}

/** The age of the job at the head of each priority: since it was added, or due where it was delayed. */
export async function latencyOf(queue: QueueContext): Promise<QueueLatency> {
  const { rows, at } = await queue.ask(scripts.heads, { now: queue.now });
  const jobs = new Map((await readJobs(queue, evens(rows, 1))).map((job) => [job.id, job]));
  const byPriority: PriorityLatency[] = [];
  for (let i = 0; i < rows.length; i += 2) {
    const job = jobs.get(rows[i + 1] ?? '');
    if (job !== undefined)
      byPriority.push({ priority: Number(rows[i]), ms: Math.max(0, at - readySince(job)), id: job.id });
  }
  return { ms: Math.max(0, ...byPriority.map(({ ms }) => ms)), byPriority };
}

function evens(rows: readonly string[], offset: number): string[] {
  return rows.filter((_, i) => i % 2 === offset);
}

function readySince({ createdAt, options: { delayMs = 0, runAt = 0 } }: Job): number {
  return Math.max(createdAt.getTime() + delayMs, runAt);
}

/** An estimate: of large keys, of what workers hold and of what jobs noted, only samples are looked at. */
export async function memoryOfQueue(queue: QueueContext): Promise<QueueMemory> {
  const { epochs, noted, jobs, sampled } = await queue.ask(scripts.samples, {});
  const fixed: string[] = scripts.KEYS.flatMap((pattern) => {
    if (pattern.includes('<state>')) return FINAL_STATES.map((state) => pattern.replace('<state>', state));
    return pattern.includes('<') ? [] : [pattern];
  });
  const { client } = queue.connection;
  const suffixes = [...fixed, ...epochs.map((epoch) => `h:${epoch}`), ...noted.map((id) => `s:${id}`)];
  const sizes = await memoryOf(
    client,
    suffixes.map((suffix) => `${queue.base}:${suffix}`),
  );
  const byKey: Record<string, number> = {};
  suffixes.forEach((suffix, i) => {
    const isSample = i >= fixed.length;
    const bytes = (sizes[i] ?? 0) * (suffix.startsWith('s:') && isSample ? jobs / Math.max(1, sampled) : 1);
    const key = isSample ? suffix.slice(0, 1) : suffix;
    if (bytes > 0) byKey[key] = Math.round((byKey[key] ?? 0) + bytes);
  });
  return { bytes: Object.values(byKey).reduce((sum, bytes) => sum + bytes, 0), byKey };
}

export async function surveyQueue(queue: QueueContext, slot: string | undefined): Promise<QueueInfo> {
  const [counts, latency, isPaused, workers] = await Promise.all([
    countJobs(queue),
    latencyOf(queue),
    isQueuePaused(queue),
    listWorkers(queue, {}),
  ]);
  const now = queue.clock.now();
  const late = workers.filter(({ leaseUntil }) => leaseUntil.getTime() < now);
  return {
    name: queue.name,
    slot,
    counts,
    latencyMs: latency.ms,
    isPaused,
    workers: workers.length - late.length,
    stalled: late.reduce((sum, { held }) => sum + held, 0),
  };
}

/** The queues that were ever used under the prefix of a connection, by name, and the slots that they share. */
export async function registeredQueues(connection: Connection): Promise<Map<string, string | undefined>> {
  const queues = new Map<string, string | undefined>();
  for await (const [name, place] of fieldsOf(connection.client, registryKey(connection.prefix))) {
    const [, slot = ''] = place.split('\t');
    queues.set(name, slot === '' ? undefined : slot);
  }
  return new Map([...queues].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The queues under the prefix of a connection, whoever made them, each at a glance.
 */
export async function listQueues(
  connection: Connection,
  { after = '', limit = 100 }: ListQueuesOptions = {},
): Promise<QueueInfo[]> {
  const names = [...(await registeredQueues(connection))].filter(([name]) => name > after).slice(0, limit);
  const infos: QueueInfo[] = [];
  for (const [name, slot] of names) {
    infos.push(await surveyQueue(new QueueContext(name, connection, slot, undefined), slot));
  }
  return infos;
}
