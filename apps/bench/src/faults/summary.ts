import { FIGURES, type FaultCase, type FigureName, type Figures } from './case.js';
import type { CaseResult, FigureResult, Spread } from './result.js';
import type { SideName } from './sides/index.js';

/** What both sides gave in one round. */
export type PairOfFigures = Readonly<Record<SideName, Figures>>;

/** Medians and worst of the rounds of a case. */
export function conclude(
  { name, title, setup, remark }: Omit<FaultCase, 'run'>,
  pairs: readonly PairOfFigures[],
): CaseResult {
  const names = (Object.keys(FIGURES) as FigureName[]).filter((figure) =>
    pairs.some(({ millrace, bullmq }) => millrace[figure] !== undefined || bullmq[figure] !== undefined),
  );
  const figures = names.map((figure): FigureResult => ({
    figure,
    millrace: spreadOf(
      figure,
      pairs.map(({ millrace }) => millrace[figure] ?? null),
    ),
    bullmq: spreadOf(
      figure,
      pairs.map(({ bullmq }) => bullmq[figure] ?? null),
    ),
  }));
  return { name, title, setup, ...(remark !== undefined && { remark }), rounds: pairs.length, figures };
}

function spreadOf(figure: FigureName, rounds: readonly (number | null)[]): Spread {
  const sorted = rounds.map((value) => value ?? Infinity).sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? Infinity;
  // Of an even number the upper one: nothing is told that was not measured.
  const worst = (isMoreBetter(figure) ? sorted[0] : sorted.at(-1)) ?? Infinity;
  return { median: finite(middle), worst: finite(worst), rounds };
}

/** Whether a higher figure is the better one. */
export function isMoreBetter(figure: FigureName): boolean {
  return figure === 'endedMeanwhile';
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
