import { measureInChild } from './child.js';
import type { Progress } from './console/progress.js';
import type { Measurement } from './measure/task.js';
import type { Part, Side } from './plan.js';
import type { BenchResult } from './result.js';
import { BenchServer } from './server.js';
import { conclude } from './summary.js';

/** Longer, and the machine is so slow that fewer jobs have to do. */
const LIMIT_MS = 6_000;

/** What a run has found. */
export interface Findings {
  readonly results: readonly BenchResult[];
  /** How each peer was configured. */
  readonly settings: Readonly<Record<string, string>>;
  /** Sentences about what could not be measured. */
  readonly notes: readonly string[];
}

/** Runs all parts, one after the other. */
export async function runParts(parts: readonly Part[], progress: Progress, signal: AbortSignal): Promise<Findings> {
  const results: BenchResult[] = [];
  const settings = new Map<string, Set<string>>();
  const notes: string[] = [];
  for (const part of parts) {
    const rounds = await runRounds(part, progress, notes, signal);
    for (const [{ peer }, measurements] of rounds) {
      for (const { settings: text } of measurements) settings.set(peer, (settings.get(peer) ?? new Set()).add(text));
    }
    const found = resultsOf(part, rounds);
    results.push(...found);
    progress.says(sentenceOf(part, found));
  }
  const texts = [...settings].map(([peer, said]) => [peer, [...said].join('; ')]);
  return { results, settings: Object.fromEntries(texts) as Record<string, string>, notes };
}

/** All rounds of a scenario on a Redis of its own. Sides take turns, so that what the machine does meanwhile concerns all. */
async function runRounds(
  { name, scenario, rounds, ours, theirs }: Part,
  progress: Progress,
  notes: string[],
  signal: AbortSignal,
): Promise<Map<Side, Measurement[]>> {
  const measured = new Map<Side, Measurement[]>([ours, ...theirs].map((side) => [side, []]));
  const server = await BenchServer.start(scenario.persistence);
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const [side, measurements] of measured) {
        progress.begins(`${scenario.title}: ${side.name}, round ${round} of ${rounds}`);
        const task = {
          peer: side.peer,
          scenario: side.scenario,
          jobs: side.jobs,
          port: server.port,
          limitMs: LIMIT_MS,
        };
        try {
          measurements.push(await measureInChild(task, signal));
          progress.ended();
        } catch (error) {
          signal.throwIfAborted();
          notes.push(`${side.name} is left out of ${name}: ${(error as Error).message}.`.replace('..', '.'));
          measured.delete(side);
          progress.ended(rounds - round + 1);
        }
      }
    }
  } finally {
    await server.stop();
  }
  return measured;
}

function resultsOf({ name, scenario, ours }: Part, rounds: ReadonlyMap<Side, readonly Measurement[]>): BenchResult[] {
  const own = rounds.get(ours);
  if (own === undefined) return [];
  return [...rounds]
    .filter(([side]) => side !== ours)
    .flatMap(([{ name: peer }, theirs]) => conclude({ name, scenario, peer, ours: own, theirs }));
}

function sentenceOf({ scenario }: Part, results: readonly BenchResult[]): string {
  const ratios = results.map(({ scenario: id, peer, ratio }) =>
    `${id.match(/p\d\d$/)?.[0] ?? ''} ${ratio}× ${peer}`.trim(),
  );
  return `${scenario.title}: ${ratios.join(', ') || 'nothing to compare'}`;
}
