import { CaseFile } from './case-file.ts';
import { doubleAccepted } from './double.ts';
import { repeatedRuns, unexplainedDuplicates } from './duplicates.ts';
import { earlyStarts } from './early.ts';
import type { Evidence, Verdict } from './evidence.ts';
import { lost } from './lost.ts';
import { outOfOrder } from './order.ts';
import { phantom } from './phantom.ts';
import { keptPlaces } from './places.ts';
import { staleAccepted } from './stale.ts';

/** What a run has come to. */
export interface Judgement {
  readonly verdict: Verdict;
  /** Jobs that Redis acknowledged. */
  readonly jobs: number;
  /** Runs that began again because a process died or lost its lease. */
  readonly repeated: number;
}

/** Holds what happened in a run against what must never happen. It asks nobody: the same evidence has the same verdict. */
export function judge(evidence: Evidence): Judgement {
  const file = new CaseFile(evidence);
  return {
    verdict: {
      lost: lost(file),
      phantom: phantom(file),
      doubleAccepted: doubleAccepted(file),
      staleAccepted: staleAccepted(file),
      unexplainedDuplicates: unexplainedDuplicates(file),
      earlyStarts: earlyStarts(file),
      outOfOrder: outOfOrder(file),
      holdsLeft: [...keptPlaces(file), ...evidence.leftovers.map((what) => ({ what, history: [] }))],
    },
    jobs: [...file.orders.values()].filter(({ answer }) => answer?.op === 'added').length,
    repeated: repeatedRuns(file),
  };
}
