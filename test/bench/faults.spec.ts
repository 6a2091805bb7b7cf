import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { UsageError } from '../../apps/bench/src/arguments.ts';
import { readArguments } from '../../apps/bench/src/faults/arguments.ts';
import { CASES } from '../../apps/bench/src/faults/cases/index.ts';
import { toMarkdown } from '../../apps/bench/src/faults/markdown.ts';
import type { FaultsReport, Spread } from '../../apps/bench/src/faults/result.ts';
import { conclude } from '../../apps/bench/src/faults/summary.ts';
import { compare } from '../../apps/bench/src/faults/verdict.ts';

const ROOT = join(import.meta.dirname, '../..');
const RESULTS = join(ROOT, 'apps/bench/results');
const PAGE = join(ROOT, 'docs/reference/faults-compared.md');

const spread = (median: number | null, worst = median): Spread => ({ median, worst, rounds: [] });

describe('the command line of the smoke', () => {
  it('runs every case five times by default, and once when it is quick', () => {
    expect(readArguments([])).toMatchObject({ cases: CASES, rounds: 5, isQuick: false });
    expect(readArguments(['--quick'])).toMatchObject({ rounds: 1, isQuick: true });
  });

  it('takes whole names and families', () => {
    const { cases, seed } = readArguments(['--case', 'R7-add, C1', '--seed', '7']);
    expect(cases.map(({ name }) => name)).toEqual(['C1-killed', 'C1-killed-twice', 'R7-add']);
    expect(seed).toBe(7);
  });

  it.each([
    [['--case', 'C99'], 'There is no case "C99". Known: C1-killed, '],
    [['--rounds', '0'], '--rounds "0" must be a whole number from 1 to 100.'],
    [['--fast'], "Unknown option '--fast'"],
  ])('refuses %j', (args, sentence) => {
    expect(() => readArguments(args)).toThrow(UsageError);
    expect(() => readArguments(args)).toThrow(sentence);
  });
});

describe('the summary of the smoke', () => {
  it('takes what never happened for longer than any time, and tells the worst', () => {
    const { figures, rounds } = conclude({ name: 'a', title: 'b', setup: 'c' }, [
      { millrace: { recoveryMs: 5, endedMeanwhile: 10 }, bullmq: { recoveryMs: null, endedMeanwhile: 7 } },
      { millrace: { recoveryMs: null, endedMeanwhile: 9 }, bullmq: { recoveryMs: null, endedMeanwhile: 7 } },
      { millrace: { recoveryMs: 3, endedMeanwhile: 10 }, bullmq: { recoveryMs: 1, endedMeanwhile: 7 } },
    ]);
    expect(rounds).toBe(3);
    expect(figures).toEqual([
      {
        figure: 'endedMeanwhile',
        millrace: { median: 10, worst: 9, rounds: [10, 9, 10] },
        bullmq: { median: 7, worst: 7, rounds: [7, 7, 7] },
      },
      {
        figure: 'recoveryMs',
        millrace: { median: 5, worst: null, rounds: [5, null, 3] },
        bullmq: { median: null, worst: null, rounds: [null, null, 1] },
      },
    ]);
  });

  it.each([
    ['twice', spread(0), spread(1), 'millrace'],
    ['twice', spread(0, 1), spread(0, 0), 'bullmq'],
    ['acceptedTwice', spread(null), spread(0), 'equal'],
    ['endedMeanwhile', spread(10), spread(7), 'millrace'],
    ['recoveryMs', spread(1_000), spread(1_190), 'equal'],
    ['recoveryMs', spread(10), spread(40), 'equal'],
    ['recoveryMs', spread(2_000), spread(1_000), 'bullmq'],
    ['closeMs', spread(2_000), spread(null), 'millrace'],
    ['closeMs', spread(null), spread(null), 'equal'],
  ] as const)('%s: %j against %j is %s', (figure, millrace, bullmq, verdict) => {
    expect(compare({ figure, millrace, bullmq })).toBe(verdict);
  });
});

describe('the page of a run', () => {
  const machine = { cpu: 'any', cores: 2, memoryGiB: 1, os: 'any', node: '20', redis: '7' };
  const sides = { millrace: 'any', bullmq: 'any' };
  const round = { millrace: { lost: 0, recoveryMs: 10 }, bullmq: { lost: 1, recoveryMs: 9_000 } };
  const pageOf = (rounds: number, loadBefore: number): string =>
    toMarkdown({
      ...{ machine, versions: sides, settings: sides, commit: 'any', date: '2026-01-02T03:04:05Z', seed: 1, notes: [] },
      rounds,
      loadBefore,
      cases: [
        conclude(
          { name: 'a', title: 'b', setup: 'c' },
          Array.from({ length: rounds }, () => round),
        ),
      ],
    });

  it('compares times and counts', () => {
    const page = pageOf(5, 0.3);
    expect(page).toMatch(/\| until work went on \(ms\) \| 10 \| 9,000 \| Millrace \|/);
    expect(page).not.toMatch(/\*\*/);
  });

  it('says that it is short, and that a busy machine has times that compare nothing', () => {
    const page = pageOf(1, 4);
    expect(page).toContain('**This is a first, short run: the full one has 5 rounds');
    expect(page).toContain('**The machine did other work meanwhile');
    expect(page).toMatch(/\| until work went on \(ms\) \| 10 \| 9,000 \| {2}\|/);
    expect(page).toMatch(/had not ended when patience did \| 0 \| 1 \| Millrace \|/);
  });
});

describe('docs/reference/faults-compared.md', () => {
  const last = readdirSync(RESULTS)
    .filter((name) => name.endsWith('-faults.json'))
    .sort()
    .at(-1);

  it('is the page of the last committed result, and that had every case', () => {
    // Nothing is claimed that was not measured.
    if (last === undefined) return expect(existsSync(PAGE)).toBe(false);
    const report = JSON.parse(readFileSync(join(RESULTS, last), 'utf8')) as FaultsReport;
    expect(report.cases.map(({ name }) => name)).toEqual(CASES.map(({ name }) => name));
    expect(readFileSync(PAGE, 'utf8')).toBe(toMarkdown(report));
  });
});
