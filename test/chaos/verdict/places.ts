import type { CaseFile } from './case-file.ts';
import type { Finding } from './evidence.ts';

/**
 * Jobs that nobody held any more and that still had their place in a group, or that were held without one. Each command is
 * looked at: a place that was kept too long is free again once its job has run, and in the end nothing tells of it.
 */
export function keptPlaces(file: CaseFile): Finding[] {
  const findings: Finding[] = [];
  const held = new Set<string>();
  const placed = new Set<string>();
  const changed = new Set<string>();
  const { ledger } = file.evidence;
  for (const [index, entry] of ledger.entries()) {
    const key = 'id' in entry ? `${entry.queue}/${entry.id}` : '';
    if (entry.type === 'leased') held.add(key);
    else if (entry.type === 'left') held.delete(key);
    else if (entry.type === 'placed') placed.add(key);
    else if (entry.type === 'displaced') placed.delete(key);
    changed.add(key);
    if (ledger[index + 1]?.turn === entry.turn) continue;
    for (const each of changed) {
      const job = file.jobs.get(each);
      if (job?.stored?.group === undefined || held.has(each) === placed.has(each)) continue;
      const what = held.has(each) ? 'was held without a place' : 'was held no more, and kept its place';
      findings.push(file.about(job, `${what} in the group ${job.stored.group}`));
    }
    changed.clear();
  }
  return findings;
}
