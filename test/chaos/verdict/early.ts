import type { Leased } from '../evidence/entries.ts';
import { GPUS, GROUP_CONCURRENCY, NARROW_CONCURRENCY, QUEUES, ROWS } from '../programs/work.ts';
import type { CaseFile, JobCase } from './case-file.ts';
import type { Finding } from './evidence.ts';

/** Leases before a job's time: before it is due, before those on which it depends have completed, beyond a limit. */
export function earlyStarts(file: CaseFile): Finding[] {
  const dues = [...file.jobs.values()].flatMap((job) => tooSoon(job).map((what) => file.about(job, what)));
  return [...dues, ...outOfTurn(file)];
}

function tooSoon({ stored, entries, lines }: JobCase): string[] {
  const found: string[] = [];
  // A job of a schedule has its time in its id.
  const time = Number(/@(\d{13})$/.exec(stored?.id ?? '')?.[1] ?? 0);
  if (stored !== undefined && stored.at < time) found.push(`was added ${time - stored.at} ms before its time`);
  let dueAt = (stored?.at ?? 0) + (stored?.delayMs ?? 0);
  for (const entry of entries) {
    if (entry.type === 'left') dueAt = entry.dueAt ?? dueAt;
    if (entry.type === 'leased' && entry.at < dueAt) found.push(`was leased ${dueAt - entry.at} ms before it was due`);
  }
  const first = lines.find(({ op }) => op === 'start');
  const due = (stored?.at ?? 0) + (stored?.delayMs ?? 0);
  if (first !== undefined && first.at < due) found.push(`was started ${due - first.at} ms before it was due`);
  return found;
}

/** What is in use of something that has a bound, while the ledger is read. */
class Bound {
  readonly #users = new Map<string, number>();
  #used = 0;

  constructor(private readonly most: number) {}

  /** True if that is more than there is. */
  take(key: string, amount: number): boolean {
    this.#users.set(key, amount);
    this.#used += amount;
    return this.#used > this.most;
  }

  free(key: string): void {
    this.#used -= this.#users.get(key) ?? 0;
    this.#users.delete(key);
  }
}

/** Follows the ledger: whoever is leased must have its turn then. */
function outOfTurn(file: CaseFile): Finding[] {
  const findings: Finding[] = [];
  const completed = new Set<string>();
  const bounds = new Map<string, Bound>();
  for (const entry of file.evidence.ledger) {
    if (entry.type === 'opened' || entry.type === 'closed') continue;
    const key = `${entry.queue}/${entry.id}`;
    const job = file.jobs.get(key);
    if (job === undefined) continue;
    if (entry.type === 'ended' && entry.letter === 'c') completed.add(key);
    if (entry.type === 'leased') {
      const waits = (job.stored?.dependsOn ?? []).filter((id) => !completed.has(`${entry.queue}/${id}`));
      if (waits.length > 0) findings.push(file.about(job, `was leased before ${waits.join(', ')} had completed`));
      for (const what of beyond(job, entry, bounds)) findings.push(file.about(job, what));
    } else if (entry.type === 'left') for (const bound of bounds.values()) bound.free(key);
  }
  return findings;
}

/** The limits that a lease passes. */
function beyond({ key, stored }: JobCase, { queue }: Leased, bounds: Map<string, Bound>): string[] {
  const limits: { readonly name: string; readonly most: number; readonly amount: number }[] = [];
  if (stored?.group !== undefined) {
    const most = ROWS.includes(stored.group) ? 1 : GROUP_CONCURRENCY;
    limits.push({ name: `the group ${stored.group}`, most, amount: 1 });
  }
  if (stored?.gpus !== undefined) limits.push({ name: 'the resource', most: GPUS, amount: stored.gpus });
  if (queue === QUEUES.narrow) limits.push({ name: 'the queue', most: NARROW_CONCURRENCY, amount: 1 });
  return limits.flatMap(({ name, most, amount }) => {
    const bound = bounds.get(name) ?? new Bound(most);
    bounds.set(name, bound);
    return bound.take(key, amount) ? [`was leased beyond the limit of ${name}, which is ${most}`] : [];
  });
}
