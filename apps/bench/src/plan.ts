import type { BenchArguments } from './arguments.js';
import { PEERS, type PeerEntry, type PeerName } from './peers/index.js';
import { SCENARIOS } from './scenarios/index.js';
import type { Scenario } from './scenarios/scenario.js';

/** One who is measured in a scenario. */
export interface Side {
  /** How results call it. */
  readonly name: string;
  readonly peer: PeerName;
  readonly scenario: Scenario;
  readonly jobs: number;
}

/** A scenario with all who take part. */
export interface Part {
  readonly name: string;
  readonly scenario: Scenario;
  readonly rounds: number;
  readonly ours: Side;
  readonly theirs: readonly Side[];
}

const ROUNDS = 5;
const QUICK_ROUNDS = 3;
/** Of the jobs, where their number only has to be large enough to fill the time. */
const QUICK_PART = 0.6;

type Asked = Pick<BenchArguments, 'scenarios' | 'peers' | 'rounds' | 'jobs' | 'isQuick'>;

/** What is measured, in this order. A scenario that no chosen peer can run is left out. */
export function planOf({ scenarios, peers, rounds, jobs, isQuick }: Asked): Part[] {
  return scenarios.flatMap((name) => {
    const scenario = SCENARIOS[name]!;
    const sideOf = (peer: PeerName): Side => ({
      name: peer,
      peer,
      scenario,
      jobs: jobs ?? jobsOf(scenario, peer, isQuick),
    });
    const ours = sideOf('millrace');
    const able = scenario.isOwn === true ? [] : peers.filter((peer) => isAble(PEERS[peer], scenario));
    const theirs = [...able.map(sideOf), ...itself(ours, scenario)];
    if (theirs.length === 0) return [];
    return [{ name, scenario, rounds: rounds ?? (isQuick ? QUICK_ROUNDS : (scenario.rounds ?? ROUNDS)), ours, theirs }];
  });
}

/** A sentence for each peer that cannot take part in all that was asked for. */
export function absencesOf({ scenarios, peers }: Pick<Asked, 'scenarios' | 'peers'>): string[] {
  return peers.flatMap((peer) => {
    const missed = scenarios.filter((name) => !SCENARIOS[name]!.isOwn && !isAble(PEERS[peer], SCENARIOS[name]!));
    if (missed.length === 0) return [];
    const lacks = PEERS[peer].cannot.filter((feature) =>
      missed.some((name) => SCENARIOS[name]!.needs.includes(feature)),
    );
    return [`${peer} has no ${lacks.join(' and no ')}: it is not in ${missed.join(', ')}.`];
  });
}

/** How many times something is measured in all. */
export function measurementsOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { rounds, theirs }) => sum + rounds * (1 + theirs.length), 0);
}

function isAble({ cannot }: PeerEntry, { needs }: Scenario): boolean {
  return !needs.some((feature) => cannot.includes(feature));
}

function itself(ours: Side, { against }: Scenario): Side[] {
  if (against === undefined) return [];
  return [{ ...ours, name: against.name, scenario: { ...ours.scenario, ...against.change } as Scenario }];
}

function jobsOf(scenario: Scenario, peer: PeerName, isQuick: boolean): number {
  if (!('peerJobs' in scenario)) return scenario.jobs;
  const jobs = peer === 'millrace' ? scenario.jobs : scenario.peerJobs;
  return isQuick ? Math.ceil(jobs * QUICK_PART) : jobs;
}
