import type { BenchResult, Costs } from '../result.js';

type Row = readonly string[];

const HEAD: Row = ['scenario', 'millrace', 'peer', 'theirs', 'unit', 'ratio', 'spread'];
const COST_HEAD: Row = [
  'a job costs (ours / theirs)',
  'peer',
  'Redis µs',
  'scripts µs',
  'Node µs',
  'commands',
  'bytes',
];
const COSTS = ['redisMicros', 'scriptMicros', 'nodeMicros', 'commandsPerJob', 'bytesPerJob'] as const;

/** One line for each figure and peer. */
export function figureTable(results: readonly BenchResult[]): string {
  return aligned([
    HEAD,
    ...results.map(({ title, ours, peer, theirs, unit, ratio, spread }) => [
      title,
      shown(ours),
      peer,
      shown(theirs),
      unit,
      `${shown(ratio)}×`,
      `${shown(spread[0])}–${shown(spread[1])}`,
    ]),
  ]);
}

/** What a job costs, where it was measured. Empty when it was nowhere. */
export function costTable(results: readonly BenchResult[]): string {
  const rows = results.filter(({ costs }) => costs.ours.redisMicros !== undefined);
  if (rows.length === 0) return '';
  return aligned([
    COST_HEAD,
    ...rows.map(({ title, peer, costs }) => [
      title,
      peer,
      ...COSTS.map((name: keyof Costs) => `${shown(costs.ours[name])} / ${shown(costs.theirs[name])}`),
    ]),
  ]);
}

/** Large numbers whole, small ones with three digits. */
function shown(value = Number.NaN): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}

function aligned(rows: readonly Row[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
