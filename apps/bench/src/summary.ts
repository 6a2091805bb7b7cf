import type { Measurement } from './measure/task.js';
import type { BenchResult, Costs } from './result.js';
import { FIGURES } from './scenarios/index.js';
import type { Scenario } from './scenarios/scenario.js';

/** The rounds of one scenario, in the order in which they were run: ours and theirs, pair by pair. */
export interface Rounds {
  readonly name: string;
  readonly scenario: Scenario;
  readonly peer: string;
  readonly ours: readonly Measurement[];
  readonly theirs: readonly Measurement[];
}

/** What the rounds came to: one result for each figure. */
export function conclude({ name, scenario, peer, ours, theirs }: Rounds): BenchResult[] {
  const costs = { ours: costsOf(ours), theirs: costsOf(theirs) };
  const notes = [noteOf('millrace', ours), noteOf(peer, theirs)].filter((note) => note !== undefined);
  return Object.entries(FIGURES[scenario.method]).map(([figure, { suffix, unit, better }]) => {
    const ourFigures = ours.map(({ outcome }) => outcome.figures[figure]!);
    const theirFigures = theirs.map(({ outcome }) => outcome.figures[figure]!);
    const pairs = ourFigures.map((our, i) => rounded(our / theirFigures[i]!));
    return {
      scenario: [name, suffix].filter(Boolean).join('-'),
      title: [scenario.title, suffix].filter(Boolean).join(', '),
      group: scenario.group,
      unit,
      better,
      persistence: scenario.persistence,
      peer,
      ours: rounded(median(ourFigures)),
      theirs: rounded(median(theirFigures)),
      ratio: rounded(median(pairs)),
      spread: [Math.min(...pairs), Math.max(...pairs)],
      pairs,
      costs,
      ...(notes.length > 0 && { note: notes.join(' ') }),
    };
  });
}

/** The median; of an even number of values, the middle between the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** Four digits are more than a measurement is good for. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function costsOf(rounds: readonly Measurement[]): Costs {
  const all = rounds.map(({ outcome }) => outcome.costs);
  const names = Object.keys(all[0] ?? {}) as (keyof Costs)[];
  return Object.fromEntries(names.map((name) => [name, rounded(median(all.map((costs) => costs[name]!)))]));
}

/** Of the rounds that have something to say, the one in the middle of the scenario says it. */
function noteOf(who: string, rounds: readonly Measurement[]): string | undefined {
  const notes = rounds.flatMap(({ outcome }) => outcome.note ?? []);
  const note = notes[Math.floor(notes.length / 2)];
  return note === undefined ? undefined : `${who} ${note}.`;
}
