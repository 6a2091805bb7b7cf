import { describe, expect, it } from '@jest/globals';

import { judge, type Verdict } from '../../apps/bench/src/report/judge.ts';
import { toMarkdown } from '../../apps/bench/src/report/markdown.ts';
import { TARGETS } from '../../apps/bench/src/report/targets.ts';
import type { BenchResult } from '../../apps/bench/src/result.ts';
import { FIGURES, SCENARIOS } from '../../apps/bench/src/scenarios/index.ts';
import { HOSTILE, hostileReport } from './support/hostile-report.ts';
import { fullReport, madeUpReport, madeUpResult } from './support/made-up-report.ts';

function verdictOn(target: string, ...results: readonly BenchResult[]): Verdict {
  const found = judge({ results }).find((verdict) => verdict.target === target);
  if (found === undefined) throw new Error(`there is no target "${target}"`);
  return found;
}

describe('targets', () => {
  const measured = Object.entries(SCENARIOS).flatMap(([name, { method, against }]) =>
    Object.values(FIGURES[method]).map(({ suffix }) => ({
      scenario: suffix === '' ? name : `${name}-${suffix}`,
      peers: ['bullmq', against?.name],
    })),
  );

  it.each(TARGETS)('"$title" reads a figure that the harness measures', ({ scenario, peer }) => {
    expect(measured.find((figure) => figure.scenario === scenario)?.peers).toContain(peer);
  });

  it.each(TARGETS)('"$title" aims for more than it asks for', ({ better, atLeast, aim }) => {
    if (aim !== undefined) expect(aim > atLeast).toBe(better === 'higher');
  });
});

describe('a target', () => {
  const drain = 'drain, concurrency 100, no-op';
  const waiting = 'memory a waiting job (100 B payload)';

  it.each([
    [12, 'aim'],
    [11.99, 'yes'],
    [8, 'yes'],
    [7.99, 'no'],
  ])('of at least 8×, better 12×, at %d×: %s', (ratio, met) => {
    expect(verdictOn(drain, madeUpResult({ ratio })).met).toBe(met);
  });

  it.each([
    [0.27, 'aim'],
    [0.28, 'yes'],
    [0.4, 'yes'],
    [0.41, 'no'],
  ])('of at most 0.4×, better 0.27×, at %d×: %s', (ratio, met) => {
    const result = madeUpResult({ scenario: 'memory-waiting', unit: 'bytes', better: 'lower', ratio });
    expect(verdictOn(waiting, result)).toMatchObject({ atLeast: '≤\u00a00.4×', aim: '≤\u00a00.27×', met });
  });

  it('that was not measured is not met and not missed', () => {
    expect(verdictOn(drain, madeUpResult({ peer: 'groupmq' }))).toMatchObject({ measured: '', met: 'not measured' });
  });

  it('of what a job may cost Millrace reads its costs, and has no aim', () => {
    const costs = (redisMicros: number) => ({ ours: { redisMicros }, theirs: { redisMicros: 1 } });
    const redis = 'Redis time a job, drain at concurrency 100';

    expect(verdictOn(redis, madeUpResult({ costs: costs(8) }))).toMatchObject({
      aim: '',
      measured: '8.00\u00a0µs',
      met: 'yes',
    });
    expect(verdictOn(redis, madeUpResult({ costs: costs(8.01) })).met).toBe('no');
    expect(verdictOn(redis, madeUpResult({ costs: { ours: {}, theirs: {} } })).met).toBe('not measured');
  });

  it('about a million waiting jobs compares Millrace with itself', () => {
    const result = madeUpResult({ scenario: 'million-rate', peer: 'millrace (10,000 waiting)', ratio: 0.93 });
    expect(verdictOn('rate at 1,000,000 waiting to rate at 10,000', result).met).toBe('yes');
  });
});

describe('each peer', () => {
  it('has a row: ahead of it everywhere, or where not; Millrace itself has none', () => {
    const verdicts = judge(fullReport()).filter(({ target }) => target.startsWith('ahead of'));

    expect(verdicts.map(({ target, measured, met }) => [target.split(' ')[2], measured, met])).toEqual([
      ['bullmq', '18 of 18', 'yes'],
      ['bee-queue', '14 of 16', 'no'],
      ['groupmq', '16 of 16', 'yes'],
    ]);
    expect(verdicts[1]!.remark).toBe('not: add, 100 in flight; from add to start, 5,000 jobs/s, p50');
  });

  it('is not measured where there are no results', () => {
    expect(judge({ results: [] }).every(({ met }) => met === 'not measured')).toBe(true);
  });
});

describe('the Markdown table', () => {
  it('has a row for each target under the machine, the commit and the date', () => {
    const [origin, , head, , ...rows] = toMarkdown(madeUpReport([madeUpResult({ ratio: 12.6 })]))
      .trimEnd()
      .split('\n');

    expect(origin).toContain('2026-11-22 17:32 UTC at commit 2acad3f+ on AMD EPYC, 2 cores, 24 GiB');
    expect(head).toBe('| target | at least | aim | measured | met |');
    expect(rows).toHaveLength(TARGETS.length + 1);
    expect(rows[0]).toBe('| drain, concurrency 100, no-op | ≥\u00a08× | ≥\u00a012× | 12.6× | aim |');
    expect(rows.at(-1)).toContain('ahead of bullmq in every scenario that it can run | all | – | 1 of 1 | yes |');
  });

  it('takes no text for a column or for markup', () => {
    const report = hostileReport();
    const markdown = toMarkdown({ ...report, results: report.results.map((result) => ({ ...result, ratio: 0.5 })) });

    expect(markdown).not.toContain(HOSTILE);
    expect(markdown).not.toMatch(/(?<!\\)<(script|img|b)/);
    for (const row of markdown.split('\n').slice(2).filter(Boolean)) expect(row.match(/(?<!\\)\|/g)).toHaveLength(6);
  });
});
