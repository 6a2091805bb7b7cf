import type { CaseFile, Hold, JobCase } from './case-file.ts';
import type { Finding } from './evidence.ts';

/**
 * Ends that Redis accepted from a run which did not hold the job any more, and runs and producers that were told of an end
 * which Redis has not accepted.
 */
export function staleAccepted(file: CaseFile): Finding[] {
  return [...file.jobs.values()].flatMap((job) =>
    [...job.holds.flatMap((hold) => staleEnd(file, hold)), ...untrue(job), ...deniedEnds(file, job)].map((what) =>
      file.about(job, what),
    ),
  );
}

function staleEnd(file: CaseFile, { leased, by, left, start }: Hold): string[] {
  const run = left?.run;
  const began = run === undefined ? undefined : file.starts.get(run);
  if (run === undefined || began === undefined || start?.run === run) return [];
  if (began.by !== by) return [`accepted the end of ${run}, while ${by} held the job by ${leased.token}`];
  return [`accepted the end of ${run}, which began under another lease than ${leased.token}`];
}

/** Ends that Redis accepted, and of which the worker was told that they are not; unless its epoch was over by then. */
function deniedEnds({ closedAt }: CaseFile, { holds, lines }: JobCase): string[] {
  return lines.flatMap(({ op, run, by, at }) => {
    const hold = op === 'lost' ? holds.find(({ left }) => left?.run === run) : undefined;
    if (hold === undefined || (closedAt.get(hold.leased.epoch) ?? Infinity) <= at) return [];
    return [`${by} was told that it lost ${run}, whose end Redis has accepted`];
  });
}

/** What was said of a run and is not so. */
function untrue({ holds, lines, results }: JobCase): string[] {
  // The end of a run that passed its deadline does not name it.
  const accepted = new Map(holds.map(({ left, start }) => [left?.run ?? start?.run, left?.how]));
  return [
    ...lines.flatMap(({ op, run, by }) => {
      if (run === '' || (op !== 'success' && op !== 'failure')) return [];
      const how = accepted.get(run);
      const isSo = op === 'success' ? how === 'ended' : how !== undefined && how !== 'back';
      return isSo ? [] : [`${by} was told ${op} of ${run}, which Redis has not accepted`];
    }),
    ...results.flatMap(({ run, by }) =>
      accepted.get(run) === 'ended' ? [] : [`${by} was given the result of ${run}, which Redis has not accepted`],
    ),
  ];
}
