import { parseArgs } from 'node:util';

import { ABSENT, PEERS, type PeerName } from './peers/index.js';
import { SCENARIOS } from './scenarios/index.js';

/** What a run of the benchmark is to measure. */
export interface BenchArguments {
  /** `undefined`: what each scenario needs. */
  readonly rounds: number | undefined;
  /** A quick run has fewer scenarios and smaller ones: it shows the ratios, not the last percent. */
  readonly isQuick: boolean;
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

export const USAGE = `Usage: npm run bench -- [--quick] [--peers a,b] [--scenario a,b] [--rounds N] [--json FILE] [--html FILE]`;

const QUICK_PEERS = ['bullmq'];
const MAX_ROUNDS = 1_000;

/** @throws UsageError */
export function readArguments(args: readonly string[]): BenchArguments {
  const { quick, rounds, json, html, ...lists } = parse(args);
  const rivals = [...Object.keys(PEERS).filter((name) => name !== 'millrace'), ...Object.keys(ABSENT)];
  const quickScenarios = Object.keys(SCENARIOS).filter((name) => SCENARIOS[name]?.isQuick);
  const peers = chosen(lists.peers, 'peer', rivals) ?? (quick ? QUICK_PEERS : rivals);
  return {
    rounds: roundsOf(rounds),
    isQuick: quick,
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
  const options = { scenario: text, peers: text, rounds: text, json: text, html: text } as const;
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

function roundsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const rounds = Number(text);
  if (/^\d+$/.test(text) && rounds >= 1 && rounds <= MAX_ROUNDS) return rounds;
  throw new UsageError(`"${text}" is no number of rounds: it must be a whole number from 1 to ${MAX_ROUNDS}.`);
}
