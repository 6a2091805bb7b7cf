import { parseArgs } from 'node:util';

import { UsageError } from '../arguments.js';
import { CASES } from './cases/index.js';

/** What a run is to measure. */
export interface LimitsArguments {
  /** Names of cases, in the order in which they stand in {@link CASES}. */
  readonly cases: readonly string[];
  readonly isSmall: boolean;
  /** For every case; `undefined`: its own. */
  readonly size: number | undefined;
  /** Files to write to. */
  readonly json: string | undefined;
  readonly markdown: string | undefined;
  /** A stored result to show again, in place of a run. */
  readonly show: string | undefined;
}

export const USAGE =
  'Usage: npm run bench:limits -- [--small | --size N] [--case a,b] [--json FILE] [--markdown FILE] [--show FILE.json]';

/** @throws UsageError */
export function readArguments(args: readonly string[]): LimitsArguments {
  const { small, size, case: names, json, markdown, show } = parse(args);
  return { cases: chosen(names), isSmall: small, size: sizeOf(size), json, markdown, show };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = { size: text, case: text, json: text, markdown: text, show: text } as const;
  try {
    return parseArgs({ args: [...args], options: { ...options, small: { type: 'boolean', default: false } } }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function chosen(list: string | undefined): readonly string[] {
  const known = Object.keys(CASES);
  const names = list?.split(',').map((name) => name.trim()) ?? known;
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UsageError(`There is no case "${unknown}". Known: ${known.join(', ')}.`);
  return known.filter((name) => names.includes(name));
}

/** Cases share jobs among pages, groups and schedules. */
function sizeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const size = Number(text);
  if (/^\d+$/.test(text) && size > 0 && size % 1_000 === 0) return size;
  throw new UsageError(`--size "${text}" must be a whole number of thousands.`);
}
