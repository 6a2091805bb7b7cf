import type { Redis } from 'ioredis';

/** From how long on a command is slow. */
export const LIMIT_MS = 10;

/** What Redis took too long for, during one action. */
export interface Slow {
  readonly count: number;
  readonly worstMs: number;
  /** The command that took longest; a script by its SHA-1, as `scripts.generated.ts` has it. */
  readonly worst: string;
}

/** Tells Redis to note what takes longer than the limit, and forgets what it has noted. */
export async function beginSlowLog(redis: Redis, limitMs = LIMIT_MS): Promise<void> {
  await redis.config('SET', 'slowlog-log-slower-than', String(limitMs * 1_000));
  await redis.config('SET', 'slowlog-max-len', '1024');
  await redis.slowlog('RESET');
}

/** What was noted since it began, if anything. */
export async function readSlowLog(redis: Redis): Promise<Slow | undefined> {
  const entries = (await redis.slowlog('GET', 1_024)) as [number, number, number, string[]][];
  const [first, ...others] = entries;
  if (first === undefined) return undefined;
  const longest = others.reduce((worst, entry) => (entry[2] > worst[2] ? entry : worst), first);
  return { count: entries.length, worstMs: longest[2] / 1_000, worst: longest[3].slice(0, 2).join(' ') };
}
