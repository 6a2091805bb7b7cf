import { describe, expect, it } from '@jest/globals';

import { figureSetsOf, median, ownCosts, standing } from '../../apps/bench/src/report/figures.ts';
import { formatAmount, formatDate, formatNumber, formatRatio } from '../../apps/bench/src/report/format.ts';
import { madeUpResult } from './support/made-up-report.ts';

describe('the median', () => {
  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[1, 2, 10, 100], 6],
  ])('of %j is %d', (values, expected) => expect(median(values)).toBe(expected));
});

describe('figures', () => {
  it('stand together by group, persistence, unit and the way that is good, in the order measured', () => {
    const results = [
      madeUpResult({ group: 'Adding', scenario: 'enqueue' }),
      madeUpResult({ group: 'Memory', scenario: 'memory-waiting', unit: 'bytes', better: 'lower' }),
      madeUpResult({ group: 'Adding', scenario: 'enqueue', peer: 'groupmq' }),
      madeUpResult({ group: 'Adding', scenario: 'enqueue-everysec', persistence: 'everysec' }),
    ];

    const sets = figureSetsOf({ results });

    expect(sets.map(({ group, persistence, figures }) => [group, persistence, figures.length])).toEqual([
      ['Adding', 'off', 1],
      ['Adding', 'everysec', 1],
      ['Memory', 'off', 1],
    ]);
    expect(sets[0]!.figures[0]!.results.map(({ peer }) => peer)).toEqual(['bullmq', 'groupmq']);
  });

  it("have as Millrace's own the median of its pairs with each peer, cost by cost", () => {
    const own = [10, 30, 80].map((ours, index) => {
      const costs = { ours: index === 2 ? {} : { redisMicros: ours }, theirs: {} };
      return madeUpResult({ peer: `peer-${index}`, ours, costs });
    });

    const [figure] = figureSetsOf({ results: own })[0]!.figures;

    expect(figure!.ours).toBe(30);
    expect(ownCosts(figure!)).toEqual({ redisMicros: 20 });
  });
});

describe('where Millrace stands', () => {
  it.each([
    ['bullmq', 'higher', 2, 'ahead'],
    ['bullmq', 'higher', 0.5, 'behind'],
    ['bullmq', 'lower', 0.5, 'ahead'],
    ['bullmq', 'lower', 2, 'behind'],
    ['bullmq', 'lower', 1, 'even'],
    ['millrace (without NestJS)', 'higher', 0.8, 'compared'],
  ] as const)('against %s, where %s is better, at %d×: %s', (peer, better, ratio, expected) =>
    expect(standing({ peer, better, ratio })).toBe(expected),
  );
});

describe('numbers', () => {
  it.each([
    [165_204.4, '165,204'],
    [104, '104'],
    [12.63, '12.6'],
    [1.325, '1.33'],
    [0.27, '0.27'],
    [0.0531, '0.053'],
    [0, '0'],
  ])('of %d show about three digits: %s', (value, expected) => {
    expect(formatNumber(value)).toBe(expected);
    expect(formatRatio(value)).toBe(`${expected}×`);
  });

  it('carry their unit', () => {
    expect(formatAmount(73_204.6, 'jobs/s')).toBe('73,205\u00a0jobs/s');
    expect(formatAmount(0.812, 'ms')).toBe('0.81\u00a0ms');
    expect(formatAmount(185.2, 'bytes')).toBe('185\u00a0bytes');
    expect(formatAmount(0.92, 'ratio')).toBe('0.92');
  });

  it('show a date to the minute, and what is none as it is', () => {
    expect(formatDate('2026-11-22T17:32:54.000Z')).toBe('2026-11-22 17:32 UTC');
    expect(formatDate('yesterday')).toBe('yesterday');
  });
});
