import { parseArgs } from 'node:util';

import { ABSENT, PEERS, type PeerName } from './peers/index.js';
import { SCENARIOS } from './scenarios/index.js';

/** What a run of the benchmark is to measure. */
export interface BenchArguments {
  /** `undefined`: as many as each scenario needs, and there is time for. */
  readonly rounds: number | undefined;
  /** Jobs of each measurement, for trying things out; `undefined`: as many as give a figure that means something. */
  readonly jobs: number | undefined;
  /** A quick run has fewer scenarios and smaller ones: it shows the ratios, not the last percent. */
  readonly isQuick: boolean;
  /** How long the measurements may take together; on a slow machine there are fewer rounds. */
  readonly budgetMs: number;
  readonly scenarios: readonly string[];
  /** Whom Millrace is measured against. */
  readonly peers: readonly PeerName[];
  /** Those that were asked for and cannot be had. */
  readonly absent: readonly string[];
  /** Files to write the results to. */
  readonly json: string | undefined;
  readonly html: string | undefined;
}

/** A command line that cannot be understood. The message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `Usage: npm run bench -- [--quick] [--peers a,b] [--scenario a,b] [--rounds N] [--jobs N] [--json FILE] [--html FILE]`;

const QUICK_PEERS = ['bullmq'];
/** Below 90 s and 20 min: building comes before, and the last measurement may be a slow one. */
const QUICK_BUDGET_MS = 75_000;
const FULL_BUDGET_MS = 19.5 * 60_000;
const MAX_ROUNDS = 1_000;
const MAX_JOBS = 1_000_000;

/** @throws UsageError */
export function readArguments(args: readonly string[]): BenchArguments {
  const { quick, rounds, jobs, json, html, ...lists } = parse(args);
  const rivals = [...Object.keys(PEERS).filter((name) => name !== 'millrace'), ...Object.keys(ABSENT)];
  const quickScenarios = Object.keys(SCENARIOS).filter((name) => SCENARIOS[name]?.isQuick);
  const peers = chosen(lists.peers, 'peer', rivals) ?? (quick ? QUICK_PEERS : rivals);
  return {
    rounds: countOf(rounds, 'rounds', MAX_ROUNDS),
    jobs: countOf(jobs, 'jobs', MAX_JOBS),
    isQuick: quick,
    budgetMs: rounds !== undefined ? Infinity : quick ? QUICK_BUDGET_MS : FULL_BUDGET_MS,
    scenarios:
      chosen(lists.scenario, 'scenario', Object.keys(SCENARIOS)) ?? (quick ? quickScenarios : Object.keys(SCENARIOS)),
    peers: peers.filter((name): name is PeerName => name in PEERS),
    absent: peers.filter((name) => name in ABSENT),
    json,
    html,
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = { scenario: text, peers: text, rounds: text, jobs: text, json: text, html: text } as const;
  try {
    return parseArgs({ args: [...args], options: { ...options, quick: { type: 'boolean', default: false } } }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** Names separated by commas, each of them known. */
function chosen(list: string | undefined, what: string, known: readonly string[]): readonly string[] | undefined {
  const names = list?.split(',').map((name) => name.trim());
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  throw new UsageError(`There is no ${what} "${unknown}". Known: ${known.join(', ')}.`);
}

function countOf(text: string | undefined, what: string, max: number): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= max) return count;
  throw new UsageError(`"${text}" is no number of ${what}: it must be a whole number from 1 to ${max}.`);
}
