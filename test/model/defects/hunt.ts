import type { Redis } from 'ioredis';

import { Coverage } from '../run/coverage.js';
import { search } from '../run/property.js';
import { withDefect, type Defect } from './patched.js';

/** How a defect fared. */
export interface Hunted {
  readonly name: string;
  readonly isKilled: boolean;
  readonly runs: number;
  readonly calls: number;
  /** What the model said. */
  readonly how: string;
}

/** Lets random commands loose on the core with a defect until the model finds it, for so many ms at most. */
export async function hunt(
  redis: Redis,
  defect: Defect,
  { seed, length, limitMs }: { seed: number; length: number; limitMs: number },
): Promise<Hunted> {
  const coverage = new Coverage();
  const verdict = await search(redis, withDefect(defect), coverage, {
    runs: 100_000,
    seed,
    length,
    limitMs,
    isShrunk: false,
  });
  return {
    name: defect.name,
    isKilled: verdict.hasFailed && (await isSound(redis, { seed, length, path: verdict.path })),
    runs: verdict.runs,
    calls: coverage.calls,
    how: (verdict.message.split('\n    at ', 1)[0] ?? '')
      .replace(/^Mismatch: /, '')
      .split('\n')
      .slice(0, 2)
      .join('; '),
  };
}

/** Whether the core without the defect is found to be right by the same sequence. */
async function isSound(redis: Redis, same: { seed: number; length: number; path: string }): Promise<boolean> {
  const verdict = await search(redis, new Map(), new Coverage(), { ...same, runs: 1, isShrunk: false });
  return verdict.runs === 1 && !verdict.hasFailed;
}
