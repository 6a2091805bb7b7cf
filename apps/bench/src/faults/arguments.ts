import { parseArgs } from 'node:util';

import { UsageError } from '../arguments.js';
import type { FaultCase } from './case.js';
import { CASES } from './cases/index.js';

/** What a run of the smoke is to do. */
export interface FaultsArguments {
  readonly cases: readonly FaultCase[];
  readonly rounds: number;
  readonly seed: number;
  /** With leases of a second on both sides and short outages: it shows that everything works, and no figure that counts. */
  readonly isQuick: boolean;
  /** Files to write to. */
  readonly json: string | undefined;
  readonly markdown: string | undefined;
  /** A stored result to show again, in place of a run. */
  readonly show: string | undefined;
}

export const USAGE =
  'Usage: npm run bench:faults -- [--quick] [--case a,b] [--rounds N] [--seed S] [--json FILE] [--markdown FILE] [--show FILE.json]';

const ROUNDS = 5;
const MAX_ROUNDS = 100;
const MAX_SEED = 2 ** 31;

/** @throws UsageError */
export function readArguments(args: readonly string[]): FaultsArguments {
  const { quick, rounds, seed, json, markdown, show, case: names } = parse(args);
  return {
    cases: chosen(names),
    rounds: wholeOf(rounds, 'rounds', 1, MAX_ROUNDS) ?? (quick ? 1 : ROUNDS),
    seed: wholeOf(seed, 'seed', 0, MAX_SEED) ?? Math.floor(Math.random() * MAX_SEED),
    isQuick: quick,
    json,
    markdown,
    show,
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = { case: text, rounds: text, seed: text, json: text, markdown: text, show: text } as const;
  try {
    return parseArgs({ args: [...args], options: { ...options, quick: { type: 'boolean', default: false } } }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** By their whole names, or by the part before the first dash: `R10`. */
function chosen(list: string | undefined): readonly FaultCase[] {
  if (list === undefined) return CASES;
  const names = list.split(',').map((name) => name.trim());
  const isMeant = (one: FaultCase, name: string): boolean => one.name === name || one.name.split('-')[0] === name;
  const unknown = names.find((name) => !CASES.some((one) => isMeant(one, name)));
  if (unknown !== undefined) {
    throw new UsageError(`There is no case "${unknown}". Known: ${CASES.map(({ name }) => name).join(', ')}.`);
  }
  return CASES.filter((one) => names.some((name) => isMeant(one, name)));
}

function wholeOf(text: string | undefined, what: string, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new UsageError(`--${what} "${text}" must be a whole number from ${min} to ${max}.`);
}
