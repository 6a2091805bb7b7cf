import { Job, type JobRecord } from '../job/job.js';
import type { JobState } from '../job/job-state.js';
import { decodeEnvelope, decodeHeader, decodeOutcome } from '../job/record.js';
import { decodeLines } from '../job/job-lines.js';
import { scripts } from '../redis/index.js';
import type { QueueContext } from './queue-context.js';

/** Values a row of `get` has. */
const ROW = 10;
/** Jobs read in one call: a call must not hold the server for long, and each job costs a look into every worker. */
const PAGE = 50;

/** Reads jobs; those that do not exist are left out. The order is that of the ids. */
export async function readJobs(queue: QueueContext, ids: readonly string[], outcome?: Job['outcome']): Promise<Job[]> {
  const jobs: Job[] = [];
  for (let from = 0; from < ids.length; from += PAGE) {
    const { rows } = await queue.ask(scripts.get, { ids: ids.slice(from, from + PAGE) });
    for (let at = 0; at < rows.length; at += ROW) {
      const record = toRecord(queue.name, rows.slice(at, at + ROW));
      if (record !== undefined) jobs.push(new Job(record, outcome));
    }
  }
  return jobs;
}

function toRecord(queue: string, row: readonly (string | null)[]): JobRecord | undefined {
  const [id, state, envelope, header, outcome, error, dueAt, , progress, lines] = row;
  if (!id || !state || !envelope) return undefined;
  return {
    id,
    queue,
    state: state as JobState,
    envelope: decodeEnvelope(envelope),
    header: decodeHeader(header),
    outcome: outcome ? decodeOutcome(outcome) : undefined,
    error: error ?? undefined,
    dueAt: Number(dueAt) || undefined,
    progress: progress ?? undefined,
    lines: decodeLines(lines),
  };
}
