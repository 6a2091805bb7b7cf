import { expect, it } from '@jest/globals';

import { toTable } from '../../apps/bench/src/report/table.ts';
import { fullReport, madeUpReport, madeUpResult } from './support/made-up-report.ts';

it('shows ratios by group, costs, targets, settings and notes within 120 columns', () => {
  const table = toTable(fullReport());
  const lines = table.split('\n');

  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
  expect(table).toContain('Working off · jobs/s · persistence off · higher is better');
  expect(table).toMatch(/^drain, concurrency 100 +bullmq +165,204 +13,111 +12\.6× +11\.7–13\.6 +ahead$/m);
  expect(table).toMatch(/^ +bee-queue +103,000 +111,957 +0\.92× +0\.86–0\.99 +behind$/m);
  expect(table).toMatch(/^ +millrace \(without NestJS\) .* 0\.70× +0\.65–0\.76$/m);
  expect(table).toMatch(/^drain, concurrency 100, no-op +≥\u00a08× +≥\u00a012× +12\.6× +aim$/m);
  expect(lines).toContain('bullmq 6.7.0: defaults, removeOnComplete: { count: 1000 }');
  expect(lines).toContain('glide-mq is left out: the npm registry has neither it nor the client that it needs.');
});

it('cuts a long title rather than a number', () => {
  const title = 'drain '.repeat(30).trim();

  const row = toTable(madeUpReport([madeUpResult({ title })]))
    .split('\n')
    .find((line) => line.startsWith('drain'));

  expect(row).toMatch(/^(drain )+d?.{0,5}… +bullmq +150,000 +15,000 +10\.0× +9\.30–10\.8 +ahead$/);
  expect(row!.length).toBeLessThanOrEqual(120);
});

it('names no cost, target or note where there is none', () => {
  const result = madeUpResult({ scenario: 'drain-0-5ms', costs: { ours: {}, theirs: {} } });
  const report = { ...madeUpReport([result]), notes: [] };

  const table = toTable(report);

  expect(table).not.toContain('What a job costs');
  expect(table.split('\n\n')).toHaveLength(3);
});

it('shows a report without results', () => expect(toTable(madeUpReport([]))).toContain('millrace 0.1.0: defaults'));
