import type { LedgerEntry } from '../evidence/entries.ts';
import type { CaseFile, JobCase } from './case-file.ts';
import type { Finding } from './evidence.ts';

/** What was accepted twice: ends of one job, holders of one job, live jobs of one unique key. */
export function doubleAccepted(file: CaseFile): Finding[] {
  const jobs = [...file.jobs.values()];
  return [...jobs.flatMap((job) => doubles(job).map((what) => file.about(job, what))), ...doubleKeys(file)];
}

function doubles(job: JobCase): string[] {
  const found: string[] = [];
  let holder: string | undefined;
  let hasEnded = false;
  for (const entry of job.entries) {
    if (entry.type === 'stored') {
      if (job.stored !== entry) found.push('was stored twice');
      hasEnded = false;
    } else if (entry.type === 'leased') {
      if (holder !== undefined) found.push(`was leased to ${entry.epoch} while ${holder} held it`);
      if (hasEnded) found.push('was leased after its end');
      holder = entry.epoch;
    } else if (entry.type === 'left') {
      if (holder !== entry.epoch) found.push(`left ${entry.epoch}, which did not hold it`);
      holder = undefined;
    } else if (entry.type === 'ended') {
      if (hasEnded) found.push('ended twice');
      hasEnded = true;
    } else if (entry.type === 'revived') hasEnded = false;
  }
  const successes = new Set(job.lines.flatMap(({ op, run }) => (op === 'success' ? [run] : [])));
  if (successes.size > 1)
    found.push(`${successes.size} runs were told that they succeeded: ${[...successes].join(', ')}`);
  return found;
}

/** Two jobs that lived at one time with the same key. */
function doubleKeys(file: CaseFile): Finding[] {
  const findings: Finding[] = [];
  const owners = new Map<string, JobCase>();
  const keyOf = (job: JobCase, { queue }: LedgerEntry): string | undefined =>
    job.stored?.key === undefined ? undefined : `${queue} ${job.stored.key}`;
  for (const entry of file.evidence.ledger) {
    if (entry.type !== 'stored' && entry.type !== 'ended') continue;
    const job = file.jobs.get(`${entry.queue}/${entry.id}`);
    const key = job && keyOf(job, entry);
    if (job === undefined || key === undefined) continue;
    const owner = owners.get(key);
    if (entry.type === 'ended') {
      if (owner === job) owners.delete(key);
    } else {
      if (owner !== undefined) findings.push(file.about(job, `was stored while ${owner.key} had its unique key`));
      owners.set(key, job);
    }
  }
  return findings;
}
