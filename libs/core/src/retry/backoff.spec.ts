import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { MAX_DELAY_MS } from '../job/limits.js';
import { backoffMs, type ComputedBackoff } from './backoff.js';

const none = (): number => 0;
const most = (): number => 1 - Number.EPSILON;

describe('backoffMs', () => {
  it('waits the same each time', () => {
    const backoff: ComputedBackoff = { type: 'fixed', delayMs: 500, jitter: 0 };
    expect([1, 2, 10].map((n) => backoffMs(backoff, n, most))).toEqual([500, 500, 500]);
  });

  it('waits twice as long each time, up to its longest [seed:I12]', () => {
    const backoff: ComputedBackoff = { type: 'exponential', delayMs: 1_000, maxMs: 60_000, jitter: 0 };
    expect([1, 2, 3, 6, 7, 50, 5_000].map((n) => backoffMs(backoff, n, most))).toEqual([
      1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000,
    ]);
  });

  it('waits as long after the first uncounted try as after the first failure [nest:M7]', () => {
    const backoff: ComputedBackoff = { type: 'exponential', delayMs: 1_000, maxMs: 60_000, jitter: 0 };
    expect(backoffMs(backoff, 1, none)).toBe(1_000);
  });

  it('shortens by at most the jitter', () => {
    const backoff: ComputedBackoff = { type: 'exponential', delayMs: 1_000, maxMs: 60_000, jitter: 0.25 };
    expect(backoffMs(backoff, 1, none)).toBe(1_000);
    expect(backoffMs(backoff, 1, () => 0.5)).toBe(875);
    expect(backoffMs(backoff, 1, most)).toBe(750);
  });

  it("waits by Sidekiq's formula", () => {
    const sidekiq: ComputedBackoff = { type: 'sidekiq' };
    expect([1, 2, 10].map((n) => backoffMs(sidekiq, n, none) / 1_000)).toEqual([16, 31, 10_015]);
    expect([1, 2, 10].map((n) => backoffMs(sidekiq, n, most) / 1_000)).toEqual([
      16 + 29 * 2,
      31 + 29 * 3,
      10_015 + 29 * 11,
    ]);
  });

  it('gives whole ms from 0 to its bound, never longer without jitter than with none', () => {
    const delayMs = fc.integer({ min: 0, max: MAX_DELAY_MS });
    const jitter = fc.double({ min: 0, max: 1, noNaN: true });
    const backoffs = fc.oneof(
      fc.record({ type: fc.constant('fixed' as const), delayMs, jitter }),
      fc.record({ type: fc.constant('exponential' as const), delayMs, maxMs: delayMs, jitter }),
      fc.constant<ComputedBackoff>({ type: 'sidekiq' }),
    );
    const random = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    fc.assert(
      fc.property(backoffs, fc.integer({ min: 1, max: 1_000_000 }), random, (backoff, n, drawn) => {
        const ms = backoffMs(backoff, n, () => drawn);
        const bound =
          backoff.type === 'exponential' ? backoff.maxMs : backoff.type === 'fixed' ? backoff.delayMs : MAX_DELAY_MS;
        expect(Number.isInteger(ms)).toBe(true);
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThanOrEqual(bound);
        if (backoff.type !== 'sidekiq') {
          const full = backoffMs({ ...backoff, jitter: 0 }, n, none);
          expect(ms).toBeGreaterThanOrEqual(Math.floor(full * (1 - backoff.jitter)));
          expect(backoffMs(backoff, n + 1, () => drawn)).toBeGreaterThanOrEqual(ms);
        }
      }),
    );
  });
});
