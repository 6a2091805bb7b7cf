import { describe, expect, it } from '@jest/globals';

import { amountScale, logarithmicScale, ratioScale } from '../../apps/bench/src/report/html/plots/scale.ts';

describe('an axis of ratios', () => {
  it('is linear where they are alike, and has 1 on it', () => {
    const scale = ratioScale([1.31, 1.83]);

    expect(scale.isLogarithmic).toBe(false);
    expect(scale.ticks).toContain(1);
    const [one, low, high] = [scale.at(1), scale.at(1.31), scale.at(1.83)];
    expect((high - one) / (low - one)).toBeCloseTo(0.83 / 0.31, 2);
  });

  it('is logarithmic where they differ much: equal factors are equal ways', () => {
    const scale = ratioScale([0.5, 40]);

    expect(scale.isLogarithmic).toBe(true);
    expect(scale.at(20) - scale.at(10)).toBeCloseTo(scale.at(2) - scale.at(1), 1);
    expect(scale.ticks).toEqual(expect.arrayContaining([1, 10]));
  });

  it.each([[[0.003, 0.9]], [[0.00001, 700]], [[41, 1.2, 24]], [[1]], [[0.97]], [[9.5, 8.1]]])(
    'of %j has between two and six ticks, ascending, all on the axis, 1 among them',
    (ratios) => {
      const { ticks, at } = ratioScale(ratios);

      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(6);
      expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => a - b));
      expect(ticks).toContain(1);
      for (const value of [...ticks, ...ratios]) {
        expect(at(value)).toBeGreaterThan(0);
        expect(at(value)).toBeLessThan(100);
      }
    },
  );

  it('shows what is no ratio at its end', () => {
    expect(ratioScale([2, 20]).at(0)).toBe(0);
    expect(ratioScale([2, 20]).at(1_000)).toBe(100);
  });
});

describe('an axis of amounts', () => {
  it('begins at 0, and twice as much is twice as long', () => {
    const scale = amountScale([173_000, 2_321]);

    expect(scale.at(0)).toBe(0);
    expect(scale.at(100_000)).toBeCloseTo(2 * scale.at(50_000), 1);
    expect(scale.ticks).toEqual([0, 50_000, 100_000, 150_000]);
  });

  it.each([[[]], [[0]]])('of %j is one all the same', (amounts) => {
    expect(amountScale(amounts).ticks).toContain(0);
    expect(logarithmicScale(amounts).ticks.length).toBeGreaterThan(0);
  });
});

describe('a logarithmic axis', () => {
  it.each([[[3.1, 3.9]], [[6.1, 6.9]], [[8.1, 8.2]], [[0.4, 700]]])('of %j has a tick at least', (times) =>
    expect(logarithmicScale(times).ticks.length).toBeGreaterThan(0),
  );
});
