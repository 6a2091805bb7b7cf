import type { CaseFile, Hold, JobCase } from './case-file.ts';
import { concerns, type Evidence, type Finding } from './evidence.ts';

/** What a fault does is over a lease after it, at the latest: then whoever still lives has been heard of again. */
const LEASES_AFTER = 1;

/** Runs without a lease, and second runs that neither a retry nor a fault explains. */
export function unexplainedDuplicates(file: CaseFile): Finding[] {
  return [...file.jobs.values()].flatMap((job) => [
    ...job.strayStarts.map(({ by, run }) => file.about(job, `${by} started ${run} without a lease of its own`)),
    ...repeated(job).flatMap((hold) =>
      isExplained(hold, file.evidence)
        ? []
        : [file.about(job, `ran again after ${hold.start?.run}, from which nothing took the lease that is known of`)],
    ),
  ]);
}

/** How many runs began that would not have, had nobody died or lost a lease. */
export function repeatedRuns(file: CaseFile): number {
  return [...file.jobs.values()].reduce((sum, job) => sum + repeated(job).length, 0);
}

/** Holds under which a run began that came to no end, and after which another one began. */
function repeated({ holds }: JobCase): Hold[] {
  return holds.filter(
    ({ start, left }, index) =>
      start !== undefined && left?.how === 'back' && holds.slice(index + 1).some((later) => later.start !== undefined),
  );
}

/** A fault that concerned the process of the run, while it had the job or so shortly before that it still lasted. */
function isExplained({ start, left, by, leased }: Hold, { faults, leaseMs }: Evidence): boolean {
  if (start === undefined || left === undefined) return false;
  return faults.some(
    (fault) =>
      fault.canTakeLease &&
      concerns(fault, by) &&
      fault.from <= left.at &&
      fault.to + LEASES_AFTER * leaseMs >= leased.at,
  );
}
