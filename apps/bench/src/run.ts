import { measurementsOf, type Part } from './plan.js';
import type { BenchResult } from './result.js';
import { runRounds, type Measured, type RunContext } from './rounds.js';
import { conclude } from './summary.js';

/** What a run has found. */
export interface Findings {
  readonly results: readonly BenchResult[];
  /** How each peer was configured, in words. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Runs all parts, one after the other. */
export async function runParts(parts: readonly Part[], context: RunContext): Promise<Findings> {
  const results: BenchResult[] = [];
  const settings = new Map<string, Set<string>>();
  for (const [index, part] of parts.entries()) {
    const later = measurementsOf(parts.slice(index + 1).map((one) => ({ ...one, rounds: 1 })));
    const measured = await runRounds(part, later, context);
    for (const [{ peer }, measurements] of measured) {
      for (const { settings: text } of measurements) settings.set(peer, (settings.get(peer) ?? new Set()).add(text));
    }
    const found = resultsOf(part, measured);
    results.push(...found);
    context.progress.says(sentenceOf(part, found));
  }
  return { results, settings: Object.fromEntries([...settings].map(([peer, texts]) => [peer, [...texts].join('; ')])) };
}

function resultsOf({ name, scenario, ours }: Part, measured: Measured): BenchResult[] {
  const own = measured.get(ours);
  if (own === undefined) return [];
  return [...measured]
    .filter(([side]) => side !== ours)
    .flatMap(([{ name: peer }, theirs]) => conclude({ name, scenario, peer, ours: own, theirs }));
}

/** `drain, concurrency 1: 15× bullmq, 18× bee-queue`. */
function sentenceOf({ scenario: { title } }: Part, results: readonly BenchResult[]): string {
  const ratios = results.map(({ title: figure, peer, ratio }) => {
    const suffix = figure.slice(title.length).replace(', ', '');
    return `${suffix} ${Number(ratio.toPrecision(3))}× ${peer}`.trim();
  });
  return `${title}: ${ratios.join(', ') || 'not measured'}`;
}
