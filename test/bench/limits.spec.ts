import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from '@jest/globals';

import { UsageError } from '../../apps/bench/src/arguments.ts';
import { readArguments } from '../../apps/bench/src/limits/arguments.ts';
import { CASES } from '../../apps/bench/src/limits/cases/index.ts';
import { boundOf, holds, valueOf, type LimitsReport } from '../../apps/bench/src/limits/figure.ts';
import { toMarkdown } from '../../apps/bench/src/limits/markdown.ts';
import { BenchProcess } from './support/bench-process.ts';

const ROOT = join(import.meta.dirname, '../..');
const RESULTS = join(ROOT, 'apps/bench/results');

describe('the command line of the loads', () => {
  it('measures every case at its full size by default', () => {
    expect(readArguments([])).toMatchObject({ cases: Object.keys(CASES), isSmall: false, size: undefined });
  });

  it('takes names, in whatever order, and a size', () => {
    expect(readArguments(['--case', 'queues, due', '--size', '3000'])).toMatchObject({
      cases: ['due', 'queues'],
      size: 3_000,
    });
  });

  it.each([
    [['--case', 'all'], 'There is no case "all". Known: waiting, due, '],
    [['--size', '1500'], '--size "1500" must be a whole number of thousands.'],
    [['--fast'], "Unknown option '--fast'"],
  ])('refuses %j', (args, sentence) => {
    expect(() => readArguments(args)).toThrow(UsageError);
    expect(() => readArguments(args)).toThrow(sentence);
  });
});

describe('a figure', () => {
  it.each([
    [{ value: 4_612.4, unit: 'ms', atMost: 10_000 }, '4,612 ms', '≤ 10,000 ms', true],
    [{ value: 1.0844, unit: '×', atMost: 1.05 }, '1.08 ×', '≤ 1.05 ×', false],
    [{ value: 0.87, unit: '×', atLeast: 0.9 }, '0.87 ×', '≥ 0.9 ×', false],
    [{ value: 0, unit: 'jobs', atMost: 0 }, '0 jobs', '0 jobs', true],
    [{ value: 2, unit: '' }, '2', '', true],
  ])('%j', (given, value, bound, isHeld) => {
    const figure = { what: 'any', ...given };
    expect([valueOf(figure), boundOf(figure), holds(figure)]).toEqual([value, bound, isHeld]);
  });
});

describe('docs/reference/limits.md', () => {
  it('is the page of the last committed result, and that had every case', () => {
    const last = readdirSync(RESULTS)
      .filter((name) => name.endsWith('-limits.json'))
      .sort()
      .at(-1);
    const report = JSON.parse(readFileSync(join(RESULTS, last ?? ''), 'utf8')) as LimitsReport;
    expect(report.results).toHaveLength(Object.keys(CASES).length);
    expect(readFileSync(join(ROOT, 'docs/reference/limits.md'), 'utf8')).toBe(toMarkdown(report));
  });

  it('says before any figure what takes weight from them', () => {
    const machine = { cpu: 'any', cores: 2, memoryGiB: 1, os: 'any', node: '20', redis: '7' };
    const about = { id: 'L1', section: 'Jobs that wait', title: 'any', size: 1, tookMs: 1 } as const;
    const figure = { what: 'any', value: 1, unit: 'ms', atMost: 2 };
    const page = toMarkdown({
      machine,
      commit: 'any',
      date: '2026-01-02T03:04:05Z',
      loadBefore: 3.5,
      results: [
        { ...about, isFull: false, figures: [figure, { ...figure, value: 3 }] },
        { ...about, isFull: true, figures: [], error: 'Not within 180 s.' },
      ],
    });
    expect(page).toContain('**1 of 2 cases are not at their full size yet');
    expect(page).toContain('other work meanwhile (load 3.5 before it)');
    expect(page).toContain(
      '| L1: any (not full) | any | 1 ms | ≤ 2 ms | held |\n|  | any | 3 ms | ≤ 2 ms | **missed** |',
    );
    expect(page).toContain('| L1: any | | **Not within 180 s.** | | missed |');
  });
});

describe('the program that measures loads', () => {
  let run: BenchProcess;
  afterEach(() => run.remove());

  it('says what it does, writes what it found, ends by itself and leaves nothing behind', async () => {
    const files = ['--json', 'limits.json', '--markdown', 'limits.md'];
    run = await BenchProcess.startLimits('--small', '--case', 'burst,queues', ...files);
    await run.exited;
    expect(run.stderr).toMatch(/^1\/2 {2}5,000 calls of add at once.*\n2\/2 {2}500 queues in one process/);
    expect(run.stdout).toContain('missing');
    expect(await run.leftovers()).toEqual({ files: [], processes: false });
    const report = JSON.parse(await run.read('limits.json')) as LimitsReport;
    expect(report.results.map(({ id, error }) => [id, error])).toEqual([
      ['L13', undefined],
      ['L4', undefined],
    ]);
    expect(await run.read('limits.md')).toBe(toMarkdown(report));
  });
});
