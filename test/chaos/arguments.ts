import { parseArgs } from 'node:util';

/** What a run is to be. */
export interface ChaosArguments {
  /** How long faults are made; starting, draining and judging come on top. */
  readonly seconds: number;
  readonly seed: number;
  /** A file to write the result to. */
  readonly json: string | undefined;
  /** Tells each fault when it is made. */
  readonly isLoud: boolean;
}

/** A command line that cannot be understood. The message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = 'Usage: npm run chaos -- [--seconds N] [--seed S] [--json FILE] [--loud]';

const SECONDS = { least: 5, most: 24 * 60 * 60, unsaid: 60 };
const MAX_SEED = 2 ** 31 - 1;

/** @throws UsageError */
export function readArguments(args: readonly string[]): ChaosArguments {
  const { seconds, seed, json, loud } = parse(args);
  return {
    seconds: seconds === undefined ? SECONDS.unsaid : whole('seconds', seconds, SECONDS.least, SECONDS.most),
    seed: seed === undefined ? Math.floor(Math.random() * MAX_SEED) : whole('seed', seed, 0, MAX_SEED),
    json,
    isLoud: loud ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    const options = {
      seconds: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'string' },
      loud: { type: 'boolean' },
    } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(`--${name} is ${text}; a whole number from ${least} to ${most} is expected.`);
}
