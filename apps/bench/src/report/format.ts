/** How figures are written for people: as many digits as the measurement is worth. */
import type { BenchReport, Persistence, Unit } from '../result.js';

const NO_BREAK_SPACE = '\u00a0';

/** `12.3×`, `1.32×`, `0.053×`: about three digits that count. */
export function formatRatio(ratio: number): string {
  return `${formatNumber(ratio)}×`;
}

/** A number with about three digits that count, thousands set apart: `165,204`, `12.3`, `1.32`, `0.053`. */
export function formatNumber(value: number): string {
  const decimals = decimalsOf(Math.abs(value));
  return value.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** A figure with its unit: `165,204 jobs/s`, `1.70 ms`, `185 bytes`; one without a unit is a plain number. */
export function formatAmount(value: number, unit: Unit): string {
  const label = UNIT_LABELS[unit];
  return label === '' ? formatFigure(value, unit) : `${formatFigure(value, unit)}${NO_BREAK_SPACE}${label}`;
}

/** The same without its unit, for a column whose head says it. */
export function formatFigure(value: number, unit: Unit): string {
  return unit === 'jobs/s' || unit === 'bytes' ? Math.round(value).toLocaleString('en') : formatNumber(value);
}

/** What stands behind a figure. */
export const UNIT_LABELS: Readonly<Record<Unit, string>> = Object.freeze({
  'jobs/s': 'jobs/s',
  ms: 'ms',
  bytes: 'bytes',
  ratio: '',
});

/** How Redis kept its data, in words. */
export const PERSISTENCE_LABELS: Readonly<Record<Persistence, string>> = Object.freeze({
  off: 'persistence off',
  everysec: 'appendfsync everysec',
});

/** `2026-11-22 17:32 UTC`; what is no date stays as it is. */
export function formatDate(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Where, when and from what a report was made, in a sentence. */
export function originOf({ machine, commit, date }: Pick<BenchReport, 'machine' | 'commit' | 'date'>): string {
  const { cpu, cores, memoryGiB, os, node, redis } = machine;
  const system = `${cpu}, ${cores} cores, ${Math.round(memoryGiB)} GiB, ${os}, Node.js ${node}, Redis ${redis}`;
  return `Measured ${formatDate(date)} at commit ${commit} on ${system}.`;
}

function decimalsOf(size: number): number {
  if (size === 0 || size >= 100) return 0;
  if (size >= 10) return 1;
  return size >= 0.1 ? 2 : 3;
}
