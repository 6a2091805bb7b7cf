import type { FigureName } from './case.js';
import type { FaultsReport, FigureResult, Spread } from './result.js';
import { isMoreBetter } from './summary.js';

export type Verdict = 'millrace' | 'bullmq' | 'equal';

/** Whether the machine did so much other work that its times say nothing. */
export function isBusy({ loadBefore, machine }: Pick<FaultsReport, 'loadBefore' | 'machine'>): boolean {
  return loadBefore > machine.cores / 2;
}

/** Whether a figure is a time. */
export function isTime(figure: FigureName): boolean {
  return figure.endsWith('Ms');
}

/** Differences of time below either are noise. */
const MIN_PART = 0.2;
const MIN_MS = 50;

/** Who is better in a figure: counts by their medians, then by the worst; times by their medians, where these differ enough. */
export function compare({ figure, millrace, bullmq }: FigureResult): Verdict {
  const sign = isMoreBetter(figure) ? -1 : 1;
  const difference = isTime(figure) ? timeBetween(millrace, bullmq) : sign * countBetween(millrace, bullmq);
  return difference === 0 ? 'equal' : difference < 0 ? 'millrace' : 'bullmq';
}

function timeBetween(ours: Spread, theirs: Spread): number {
  const [a, b] = [ours.median ?? Infinity, theirs.median ?? Infinity];
  if (a === b) return 0;
  const isNoise = Math.abs(a - b) < MIN_MS || Math.abs(a - b) < MIN_PART * Math.max(a, b);
  return isNoise ? 0 : a - b;
}

function countBetween(ours: Spread, theirs: Spread): number {
  const pairs = [[ours.median, theirs.median] as const, [ours.worst, theirs.worst] as const];
  // What is not known on one side is not compared.
  const known = pairs.filter((pair): pair is readonly [number, number] => pair[0] !== null && pair[1] !== null);
  return known.map(([a, b]) => a - b).find((difference) => difference !== 0) ?? 0;
}
