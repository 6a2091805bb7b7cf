import { MAX_DELAY_MS } from '../job/limits.js';
import type { ResolvedBackoff } from '../options/index.js';

/** Gives a number from 0 up to, but without, 1. */
export type Random = () => number;

/** A backoff that needs nothing but numbers. */
export type ComputedBackoff = Exclude<ResolvedBackoff, { readonly type: 'custom' }>;

/**
 * How long a job waits before it is tried again: a whole number of ms, from 0 to ten years.
 *
 * @param n which wait this is, from 1: the number of failures, or of tries in a row that were not counted
 * @param random for jitter, which only ever shortens: all waits stay at or below what the policy says
 */
export function backoffMs(backoff: ComputedBackoff, n: number, random: Random): number {
  switch (backoff.type) {
    case 'fixed':
      return whole(shorten(backoff.delayMs, backoff.jitter, random));
    case 'exponential': {
      // 2 ** 1,024 is Infinity, and 0 · Infinity is NaN.
      const doubled = backoff.delayMs * 2 ** Math.min(n - 1, 100);
      return whole(shorten(Math.min(doubled, backoff.maxMs), backoff.jitter, random));
    }
    case 'sidekiq':
      return whole((n ** 4 + 15 + Math.floor(random() * 30) * (n + 1)) * 1_000);
  }
}

/** What a function gave for a wait, if that can be one: a number that is not negative. */
export function customBackoffMs(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? whole(value) : undefined;
}

function shorten(ms: number, jitter: number, random: Random): number {
  return jitter === 0 ? ms : ms * (1 - jitter * random());
}

function whole(ms: number): number {
  return Math.round(Math.min(ms, MAX_DELAY_MS));
}
