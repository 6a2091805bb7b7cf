import type { Leased, LedgerEntry, Left, Stored } from '../evidence/entries.ts';
import type {
  Acknowledged,
  CancelLine,
  ChaosLine,
  Intent,
  Rejected,
  ResultLine,
  RunLine,
  Scheduled,
} from '../lines.ts';
import type { Evidence, Finding } from './evidence.ts';

/** A hold of a job: from its lease to the end of it, and the run that began under it. */
export interface Hold {
  readonly leased: Leased;
  readonly by: string;
  left?: Left;
  start?: RunLine;
}

/** All that is known of one job. */
export interface JobCase {
  /** `queue/id`. */
  readonly key: string;
  stored?: Stored;
  readonly entries: LedgerEntry[];
  readonly holds: Hold[];
  /** Of its runs, in the order of time. */
  readonly lines: RunLine[];
  readonly results: ResultLine[];
  /** What a producer did to have it cancelled. */
  readonly cancels: CancelLine[];
  /** Starts for which there is no lease. */
  readonly strayStarts: RunLine[];
}

/** All that is known of one job that a producer asked for. */
export interface Order {
  readonly intent: Intent;
  answer?: Acknowledged | Rejected;
  /** The jobs that were stored for it. */
  readonly stored: JobCase[];
}

/** A run's clock and that of Redis are one; both count whole milliseconds. */
const SLACK_MS = 5;

/** The evidence, ordered by job. */
export class CaseFile {
  readonly jobs = new Map<string, JobCase>();
  readonly orders = new Map<string, Order>();
  /** Of every run that was started. */
  readonly starts = new Map<string, RunLine>();
  /** By the name in the data of their jobs. */
  readonly schedules = new Map<string, Scheduled>();
  /** When an epoch was over. */
  readonly closedAt = new Map<string, number>();
  readonly #owners = new Map<string, string>();

  constructor(readonly evidence: Evidence) {
    for (const entry of evidence.ledger) this.#readEntry(entry);
    for (const line of evidence.lines) this.#readLine(line);
    for (const job of this.jobs.values()) {
      if (job.stored !== undefined) this.orders.get(job.stored.n)?.stored.push(job);
      matchStarts(job);
    }
  }

  /** A finding about a job, with its history. */
  about(job: JobCase | undefined, what: string): Finding {
    return { what: job === undefined ? what : `${job.key}: ${what}`, history: job === undefined ? [] : historyOf(job) };
  }

  #readEntry(entry: LedgerEntry): void {
    if (entry.type === 'opened') {
      this.#owners.set(entry.epoch, entry.by);
      return;
    }
    if (entry.type === 'closed') {
      this.closedAt.set(entry.epoch, entry.at);
      return;
    }
    const job = this.#job(entry.queue, entry.id);
    job.entries.push(entry);
    if (entry.type === 'stored') job.stored = entry;
    else if (entry.type === 'leased') job.holds.push({ leased: entry, by: this.#owners.get(entry.epoch) ?? '?' });
    else if (entry.type === 'left') {
      const hold = job.holds.findLast(({ leased }) => leased.epoch === entry.epoch);
      if (hold !== undefined) hold.left ??= entry;
    }
  }

  #readLine(line: ChaosLine): void {
    switch (line.op) {
      case 'add':
        this.orders.set(line.n, { intent: line, stored: [] });
        break;
      case 'added':
      case 'kept':
      case 'refused':
      case 'unknown': {
        const order = this.orders.get(line.n);
        if (order !== undefined) order.answer = line;
        break;
      }
      case 'schedule':
        this.schedules.set(line.n, line);
        break;
      case 'cancel':
      case 'cancelled':
        this.#job(line.queue, line.id).cancels.push(line);
        break;
      case 'result':
        this.#job(line.queue, line.id).results.push(line);
        break;
      case 'start':
      case 'effect':
      case 'success':
      case 'failure':
      case 'lost':
        this.#job(line.queue, line.id).lines.push(line);
        if (line.op === 'start') this.starts.set(line.run, line);
        break;
      default:
    }
  }

  #job(queue: string, id: string): JobCase {
    const key = `${queue}/${id}`;
    let job = this.jobs.get(key);
    if (job === undefined) {
      job = { key, entries: [], holds: [], lines: [], results: [], cancels: [], strayStarts: [] };
      this.jobs.set(key, job);
    }
    return job;
  }
}

/** Each start belongs to the last hold that its process had then, and each hold has one start at most. */
function matchStarts(job: JobCase): void {
  for (const line of job.lines) {
    if (line.op !== 'start') continue;
    const hold = job.holds.findLast(({ by, leased }) => by === line.by && leased.at <= line.at + SLACK_MS);
    if (hold === undefined || hold.start !== undefined) job.strayStarts.push(line);
    else hold.start = line;
  }
}

/** What Redis did and what processes wrote, by time. */
function historyOf({ entries, lines, results, cancels }: JobCase): string[] {
  const told = [
    ...entries.map(({ turn, at, ...entry }) => ({ at, text: `redis #${turn} ${JSON.stringify(entry)}` })),
    ...[...lines, ...results, ...cancels].map(({ at, by, op, ...line }) => {
      const { run = '', detail } = line as { run?: string; detail?: string };
      return { at, text: `${by} ${op} ${run}${detail === undefined ? '' : ` (${detail})`}` };
    }),
  ];
  return told.sort((a, b) => a.at - b.at).map(({ at, text }) => `${new Date(at).toISOString().slice(11, 23)} ${text}`);
}
