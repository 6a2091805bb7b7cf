import type { CaseFile } from './case-file.ts';
import type { Finding } from './evidence.ts';

/** What is there, or ran, and nobody asked for; and what nobody ran and yet has the outcome of a run. */
export function phantom(file: CaseFile): Finding[] {
  const findings: Finding[] = [];
  for (const job of file.jobs.values()) {
    const find = (what: string): unknown => findings.push(file.about(job, what));
    const { stored, lines } = job;
    const starts = lines.filter(({ op }) => op === 'start');
    if (stored === undefined && starts.length > 0) find('ran, and was never stored');
    const isAskedFor = stored === undefined || file.orders.has(stored.n) || file.schedules.has(stored.n);
    if (!isAskedFor) find(`was stored, and nobody asked for ${stored.n}`);
    for (const { n, detail } of starts) {
      if (detail !== undefined) find(detail);
      if (n !== stored?.n && stored !== undefined) find(`ran as ${n}, and was stored as ${stored.n}`);
    }
    for (const { left } of job.holds)
      if (left?.run !== undefined && !file.starts.has(left.run))
        find(`has the outcome of ${left.run}, which never began`);
  }
  for (const { intent, answer, stored } of file.orders.values()) {
    if (stored.length > 1) findings.push(file.about(stored[1], `${intent.n} was stored ${stored.length} times`));
    const [owner] = file.orders.get(intent.heirOf ?? '')?.stored ?? [];
    const hasFailed = owner?.entries.some((entry) => entry.type === 'ended' && entry.letter === 'f');
    if (stored.length > 0 && intent.heirOf !== undefined && hasFailed !== true)
      findings.push(file.about(stored[0], `was in store with ${intent.heirOf}, which has not failed`));
    if (answer?.op === 'refused' && stored.length > 0)
      findings.push(file.about(stored[0], `${intent.n} was stored, and its producer was told ${answer.detail}`));
    if (answer?.op === 'kept' && stored.length > 0)
      findings.push(
        file.about(stored[0], `${intent.n} was stored, and its producer was told that ${answer.id} is kept`),
      );
  }
  return findings;
}
