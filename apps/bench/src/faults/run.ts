import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { FaultCase, Figures } from './case.js';
import { Lab, type LabSettings } from './lab.js';
import { SIDE_NAMES, type SideName } from './sides/index.js';
import type { PairOfFigures } from './summary.js';

/** A round that takes longer is ended and left out. */
const ROUND_LIMIT_MS = 170_000;
/** No round begins later: with the longest one the whole stays below ten minutes. */
const LAST_START_MS = 410_000;

/** What is to be run, and how. */
export interface RunOrder {
  readonly cases: readonly FaultCase[];
  readonly rounds: number;
  readonly seed: number;
  /** Rounds at a time: they mostly wait. */
  readonly parallel: number;
  readonly lab: Pick<LabSettings, 'leaseMs' | 'patienceMs' | 'outageMs'>;
  readonly signal: AbortSignal;
  /** Told of each round that is over. */
  readonly onRound: (name: string, round: number) => void;
}

/** What became of the rounds: figures by the name of the case, and sentences about those that are missing. */
export interface RunOutcome {
  readonly pairs: ReadonlyMap<string, readonly PairOfFigures[]>;
  readonly notes: readonly string[];
}

interface Round {
  readonly case: FaultCase;
  readonly number: number;
}

/** Runs the rounds, several at a time, both sides of each at the same time. */
export async function runRounds(order: RunOrder): Promise<RunOutcome> {
  const { cases, rounds, seed, signal } = order;
  const pairs = new Map<string, PairOfFigures[]>(cases.map(({ name }) => [name, []]));
  const notes: string[] = [];
  const waiting: Round[] = Array.from({ length: rounds }, (_, number) =>
    shuffled(cases, `${seed}:${number}`).map((one) => ({ case: one, number })),
  ).flat();
  const began = performance.now();
  const lane = async (): Promise<void> => {
    for (let round = waiting.shift(); round !== undefined && !signal.aborted; round = waiting.shift()) {
      const { name } = round.case;
      if (performance.now() - began > LAST_START_MS) {
        notes.push(`${name} lacks round ${round.number + 1}: there was no time left.`);
        continue;
      }
      try {
        pairs.get(name)?.push(await runPair(order, round));
      } catch (error) {
        notes.push(`${name} lacks round ${round.number + 1}: ${(error as Error).message}`);
      }
      order.onRound(name, round.number);
    }
  };
  await Promise.all(Array.from({ length: order.parallel }, lane));
  return { pairs, notes };
}

async function runPair(order: RunOrder, round: Round): Promise<PairOfFigures> {
  const phase = partOf(`${order.seed}:${round.case.name}:${round.number}`);
  const ends = await Promise.allSettled(
    SIDE_NAMES.map((side) => runOne(round.case, { ...order.lab, side, phase }, order.signal)),
  );
  const figures = ends.map((end) => {
    if (end.status === 'rejected') throw end.reason as Error;
    return end.value;
  });
  return Object.fromEntries(SIDE_NAMES.map((side, i) => [side, figures[i]])) as Record<SideName, Figures>;
}

async function runOne(one: FaultCase, settings: LabSettings, signal: AbortSignal): Promise<Figures> {
  const lab = await Lab.open(settings);
  const timer = new AbortController();
  const running = one.run(lab);
  // What goes on after the lab was closed finds nothing any more.
  running.catch(() => undefined);
  const limit = sleep(ROUND_LIMIT_MS, undefined, { signal: AbortSignal.any([timer.signal, signal]) }).then(
    () => Promise.reject(new Error(`${settings.side} took longer than ${ROUND_LIMIT_MS / 1_000} s.`)),
    () => (signal.aborted ? Promise.reject(new Error('it was stopped.')) : new Promise<never>(() => undefined)),
  );
  try {
    return await Promise.race([running, limit]);
  } finally {
    timer.abort();
    await lab.close();
  }
}

/** A number from 0 to 1 that a text gives again and again. */
function partOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
}

function shuffled<T>(list: readonly T[], seed: string): T[] {
  return list
    .map((value, i) => ({ value, at: partOf(`${seed}:${i}`) }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
