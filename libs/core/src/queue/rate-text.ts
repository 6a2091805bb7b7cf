import type { RateLimit } from '../options/index.js';

/** A rate as the core takes it; what is not said stays so. */
export function encodeRate(limit: RateLimit | null | undefined): string | null | undefined {
  return limit ? `${limit.max},${limit.perMs}` : limit;
}

/** Nothing where there is none. */
export function decodeRate(text: string | undefined): RateLimit | undefined {
  if (!text) return undefined;
  const [max, perMs] = text.split(',').map(Number);
  return { max: max ?? 0, perMs: perMs ?? 0 };
}
