import type { Ended } from '../evidence/entries.ts';
import type { CaseFile, JobCase } from './case-file.ts';
import type { Finding } from './evidence.ts';

/** Without so many starts no job can have stalled as often as `maxStalls` allows by default. */
const MAX_STALLS = 3;

/** What was acknowledged and is not there, and what was stored and did not come to the end that it should have. */
export function lost(file: CaseFile): Finding[] {
  const acknowledged = [...file.orders.values()].flatMap(({ intent: { n }, answer }) => {
    if (answer?.op !== 'added' && answer?.op !== 'kept') return [];
    const job = file.jobs.get(`${answer.queue}/${answer.id}`);
    if (job?.stored === undefined) return [file.about(job, `${n} was acknowledged and never stored`)];
    return job.stored.n === n || answer.op === 'kept'
      ? []
      : [file.about(job, `acknowledged as ${n}, and is another job`)];
  });
  const stored = [...file.jobs.values()].flatMap((job) => {
    if (job.stored === undefined) return [];
    const fault = whatIsWrong(file, job);
    return fault === undefined ? [] : [file.about(job, fault)];
  });
  return [...acknowledged, ...stored];
}

function whatIsWrong(file: CaseFile, job: JobCase): string | undefined {
  const homes = file.evidence.homes.get(job.key) ?? [];
  if (homes.length === 0) return 'is in no collection at the end';
  if (homes.length > 1) return `is in ${homes.length} collections at the end: ${homes.join(', ')}`;
  const end = endOf(job);
  if (end === undefined) return `has not ended, and is in ${homes[0]}`;
  const fate = file.orders.get(job.stored?.n ?? '')?.intent.fate;
  if (end.letter === (fate === 'failed' ? 'f' : 'c')) return undefined;
  return isExcused(file, job, end) ? undefined : `ended as "${end.letter}" (${end.kind ?? 'no kind'}), not as ${fate}`;
}

function endOf(job: JobCase): Ended | undefined {
  return job.entries.findLast((entry): entry is Ended => entry.type === 'ended');
}

/** A job fails instead where processes died under it, or where one failed on which it depends. */
function isExcused(file: CaseFile, job: JobCase, { letter, kind }: Ended): boolean {
  if (letter !== 'f') return false;
  if (kind === 'stalled') return job.lines.filter(({ op }) => op === 'start').length >= MAX_STALLS;
  const queue = job.key.split('/', 1)[0] ?? '';
  const others = (job.stored?.dependsOn ?? []).map((id) => file.jobs.get(`${queue}/${id}`));
  return kind === 'dependency' && others.some((other) => other !== undefined && endOf(other)?.letter === 'f');
}
