import type { Ended } from '../evidence/entries.ts';
import type { CaseFile, JobCase } from './case-file.ts';
import type { Finding } from './evidence.ts';

/** Without so many starts no job can have stalled as often as `maxStalls` allows by default. */
const MAX_STALLS = 3;

/** The letters of the ends that a fate allows. */
const LETTERS = { completed: 'c', failed: 'f', late: 'ct' } as const;

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
  return [...acknowledged, ...stored, ...heirs(file), ...missedTimes(file)];
}

/** A job in store is there once the job has failed with which it was. */
function heirs(file: CaseFile): Finding[] {
  return [...file.orders.values()].flatMap(({ intent: { n, heirOf }, stored }) => {
    const [owner] = file.orders.get(heirOf ?? '')?.stored ?? [];
    if (owner === undefined || stored.length > 0) return [];
    return endOf(owner)?.letter === 'f' ? [file.about(owner, `failed, and ${n} was not added`)] : [];
  });
}

/** Each time of a schedule has a job, from the first that has one to the last. */
function missedTimes(file: CaseFile): Finding[] {
  return [...file.schedules.values()].flatMap(({ n, queue, everyMs }) => {
    const times = [...file.jobs.keys()]
      .flatMap((key) => (key.startsWith(`${queue}/${n}@`) ? [Number(key.slice(queue.length + n.length + 2))] : []))
      .sort((a, b) => a - b);
    if (times.length === 0) return [file.about(undefined, `the schedule ${n} has never fired`)];
    return times.flatMap((time, index) => {
      const before = times[index - 1] ?? time - everyMs;
      return time - before === everyMs
        ? []
        : [file.about(undefined, `the schedule ${n} has no job between ${before} and ${time}`)];
    });
  });
}

function whatIsWrong(file: CaseFile, job: JobCase): string | undefined {
  const homes = file.evidence.homes.get(job.key) ?? [];
  if (homes.length === 0) return 'is in no collection at the end';
  if (homes.length > 1) return `is in ${homes.length} collections at the end: ${homes.join(', ')}`;
  const end = endOf(job);
  if (end === undefined) return `has not ended, and is in ${homes[0]}`;
  const fate = file.orders.get(job.stored?.n ?? '')?.intent.fate ?? 'completed';
  const wasCancelled = job.cancels.find(({ op }) => op === 'cancelled')?.detail?.startsWith('cancelled') === true;
  if (wasCancelled) return end.letter === 'x' ? undefined : `was cancelled, and ended as "${end.letter}"`;
  if (LETTERS[fate].includes(end.letter)) return undefined;
  return isExcused(file, job, end) ? undefined : `ended as "${end.letter}" (${end.kind ?? 'no kind'}), not as ${fate}`;
}

function endOf(job: JobCase): Ended | undefined {
  return job.entries.findLast((entry): entry is Ended => entry.type === 'ended');
}

/** A job fails instead where processes died under it, or where one failed on which it depends. */
function isExcused(file: CaseFile, job: JobCase, { letter, kind }: Ended): boolean {
  // It was asked to be cancelled, and nobody was told what came of it.
  if (letter === 'x') return job.cancels.length > 0;
  if (letter !== 'f') return false;
  if (kind === 'stalled') return job.lines.filter(({ op }) => op === 'start').length >= MAX_STALLS;
  const queue = job.key.split('/', 1)[0] ?? '';
  const others = (job.stored?.dependsOn ?? []).map((id) => file.jobs.get(`${queue}/${id}`));
  return kind === 'dependency' && others.some((other) => other !== undefined && endOf(other)?.letter === 'f');
}
