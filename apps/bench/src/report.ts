import type { Measurement } from './measure.js';
import type { PeerName } from './peers/index.js';
import { SCENARIOS, type ScenarioName } from './scenarios.js';

/** The rounds of one scenario, in the order in which they were run: ours and theirs, pair by pair. */
export interface Rounds {
  readonly scenario: ScenarioName;
  readonly peer: PeerName;
  readonly ours: readonly Measurement[];
  readonly theirs: readonly Measurement[];
}

/** What a scenario came to. */
export interface Result {
  readonly scenario: ScenarioName;
  readonly peer: PeerName;
  /** Jobs a second, medians of the rounds. */
  readonly ours: number;
  readonly theirs: number;
  /** The median of the ratios of the pairs. */
  readonly ratio: number;
  /** The lowest and the highest ratio of a pair. */
  readonly spread: readonly [number, number];
  readonly costs: { readonly ours: Costs; readonly theirs: Costs };
}

type Costs = Pick<Measurement, 'redisMicros' | 'scriptMicros' | 'nodeMicros' | 'commandsPerJob' | 'bytesPerJob'>;

export function conclude({ scenario, peer, ours, theirs }: Rounds): Result {
  const ratios = ours.map((our, i) => our.jobsPerSecond / theirs[i]!.jobsPerSecond);
  return {
    scenario,
    peer,
    ours: Math.round(median(ours.map(({ jobsPerSecond }) => jobsPerSecond))),
    theirs: Math.round(median(theirs.map(({ jobsPerSecond }) => jobsPerSecond))),
    ratio: round(median(ratios)),
    spread: [round(Math.min(...ratios)), round(Math.max(...ratios))],
    costs: { ours: costsOf(ours), theirs: costsOf(theirs) },
  };
}

/** One line a scenario. */
export function toTable(results: readonly Result[]): string {
  const head = [
    'scenario',
    'jobs/s',
    'peer',
    'jobs/s',
    'ratio',
    'spread',
    'Redis µs',
    'Lua µs',
    'Node µs',
    'commands',
    'bytes',
  ];
  const rows = results.map(({ scenario, peer, ours, theirs, ratio, spread, costs }) => [
    SCENARIOS[scenario].title,
    ours.toLocaleString('en'),
    peer,
    theirs.toLocaleString('en'),
    `${ratio}×`,
    `${spread[0]}–${spread[1]}`,
    pair(costs, 'redisMicros'),
    pair(costs, 'scriptMicros'),
    pair(costs, 'nodeMicros'),
    pair(costs, 'commandsPerJob'),
    pair(costs, 'bytesPerJob'),
  ]);
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function pair({ ours, theirs }: Result['costs'], field: keyof Costs): string {
  return `${ours[field]}/${theirs[field]}`;
}

function costsOf(rounds: readonly Measurement[]): Costs {
  const of = (field: keyof Costs): number => round(median(rounds.map((measurement) => measurement[field])));
  return {
    redisMicros: of('redisMicros'),
    scriptMicros: of('scriptMicros'),
    nodeMicros: of('nodeMicros'),
    commandsPerJob: of('commandsPerJob'),
    bytesPerJob: of('bytesPerJob'),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
