import { ROWS } from '../programs/work.ts';
import type { CaseFile } from './case-file.ts';
import type { Finding } from './evidence.ts';

/**
 * Leases out of turn in groups of which one job may run at a time: each is to be leased when those that were added before it
 * have come to an end. One that is tried again has given its turn away, and is asked for no more.
 */
export function outOfOrder(file: CaseFile): Finding[] {
  const findings: Finding[] = [];
  const rows = new Map<string, string[]>();
  for (const entry of file.evidence.ledger) {
    if (entry.type === 'opened' || entry.type === 'closed') continue;
    const key = `${entry.queue}/${entry.id}`;
    const job = file.jobs.get(key);
    const group = job?.stored?.group;
    if (job === undefined || group === undefined || !ROWS.includes(group)) continue;
    const row = rows.get(group) ?? [];
    rows.set(group, row);
    const at = row.indexOf(key);
    if (entry.type === 'stored') row.push(key);
    else if (entry.type === 'leased' && at > 0)
      findings.push(file.about(job, `was leased before ${row[0]}, which is before it in ${group}`));
    else if (at !== -1 && (entry.type === 'ended' || (entry.type === 'left' && entry.how === 'retry')))
      row.splice(at, 1);
  }
  return findings;
}
