/** The results of a report sorted as people read them: by group, persistence and scenario, in the order measured. */
import type { BenchReport, BenchResult, Costs, Persistence, Unit } from '../result.js';

/** One scenario, with Millrace against every peer that ran it. */
export interface Figure {
  readonly scenario: string;
  readonly title: string;
  readonly unit: Unit;
  readonly better: 'higher' | 'lower';
  readonly persistence: Persistence;
  /** Millrace's own figure: the median of those of its pairs with each peer. */
  readonly ours: number;
  readonly results: readonly BenchResult[];
}

/** Figures that stand in one plot: same group, same persistence, same unit, same way that is good. */
export interface FigureSet {
  readonly group: string;
  readonly persistence: Persistence;
  readonly unit: Unit;
  readonly better: 'higher' | 'lower';
  readonly figures: readonly Figure[];
}

/** Every set of figures of a report. */
export function figureSetsOf({ results }: Pick<BenchReport, 'results'>): FigureSet[] {
  const sets = groupBy(results, ({ group }) => group).flatMap((members) =>
    groupBy(members, ({ persistence, unit, better }) => [persistence, unit, better].join(' ')),
  );
  return sets.map((members) => {
    const { group, persistence, unit, better } = members[0];
    return { group, persistence, unit, better, figures: groupBy(members, ({ scenario }) => scenario).map(toFigure) };
  });
}

/** Where Millrace stands in a result; with another setting of itself it is only `compared`. */
export type Standing = 'ahead' | 'even' | 'behind' | 'compared';

export function standing({ peer, ratio, better }: Pick<BenchResult, 'peer' | 'ratio' | 'better'>): Standing {
  if (isMillrace(peer)) return 'compared';
  if (ratio === 1) return 'even';
  return ratio > 1 === (better === 'higher') ? 'ahead' : 'behind';
}

/** Is this peer Millrace itself in another setting: `millrace (10,000 waiting)`? */
export function isMillrace(peer: string): boolean {
  return peer.startsWith('millrace');
}

/** Costs of Millrace in a figure: the medians over its pairs with each peer. */
export function ownCosts({ results }: Figure): Costs {
  const costs = results.map((result) => result.costs.ours);
  const names = ['redisMicros', 'scriptMicros', 'nodeMicros', 'commandsPerJob', 'bytesPerJob'] as const;
  const medians = names.flatMap((name) => {
    const known = costs.map((cost) => cost[name]).filter((value) => value !== undefined);
    return known.length === 0 ? [] : [[name, median(known)] as const];
  });
  return Object.fromEntries(medians);
}

/** The median; of an even number of values, the middle between the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** Members of equal keys together, in the order of the first of each. */
export function groupBy<T>(members: readonly T[], keyOf: (member: T) => string): (readonly [T, ...T[]])[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const member of members) {
    const group = groups.get(keyOf(member));
    if (group === undefined) groups.set(keyOf(member), [member]);
    else group.push(member);
  }
  return [...groups.values()];
}

function toFigure(results: readonly [BenchResult, ...BenchResult[]]): Figure {
  const { scenario, title, unit, better, persistence } = results[0];
  return { scenario, title, unit, better, persistence, ours: median(results.map(({ ours }) => ours)), results };
}
