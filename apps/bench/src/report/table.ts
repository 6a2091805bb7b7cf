/** The report for a terminal of 120 columns. */
import type { BenchReport, Costs } from '../result.js';
import { inColumns, wrap, type Column } from './columns.js';
import { figureSetsOf, ownCosts, standing, type Figure, type FigureSet } from './figures.js';
import { formatFigure, formatNumber, formatRatio, originOf, PERSISTENCE_LABELS, UNIT_LABELS } from './format.js';
import { judge } from './judge.js';

/** Ratios group by group, what a job costs, the targets that were measured, the settings, and what to know of it all. */
export function toTable(report: BenchReport): string {
  const sets = figureSetsOf(report);
  const about = [wrap(originOf(report)), settingsOf(report)].join('\n');
  const parts = [...sets.map(ratiosOf), costsOf(sets), targetsOf(report), about, notesOf(report)];
  return parts.filter((part) => part !== '').join('\n\n');
}

const RATIO_COLUMNS: readonly Column[] = [
  { head: '' },
  { head: 'peer' },
  { head: 'Millrace', align: 'right' },
  { head: 'peer', align: 'right' },
  { head: 'ratio', align: 'right' },
  { head: 'spread', align: 'right' },
  { head: '' },
];

function ratiosOf({ group, persistence, unit, better, figures }: FigureSet): string {
  const about = [group, UNIT_LABELS[unit], PERSISTENCE_LABELS[persistence], `${better} is better`];
  const rows = figures.flatMap((figure) => withTitle(figure.title, ratioRows(figure)));
  return `${about.filter((part) => part !== '').join(' · ')}\n${inColumns(RATIO_COLUMNS, rows)}`;
}

function ratioRows({ results, unit }: Figure): string[][] {
  return results.map((result) => {
    const state = standing(result);
    return [
      result.peer,
      formatFigure(result.ours, unit),
      formatFigure(result.theirs, unit),
      formatRatio(result.ratio),
      result.spread.map(formatNumber).join('–'),
      state === 'compared' ? '' : state,
    ];
  });
}

const COST_COLUMNS: readonly Column[] = [
  { head: '' },
  { head: 'library' },
  { head: 'Redis µs', align: 'right' },
  { head: 'Lua µs', align: 'right' },
  { head: 'Node µs', align: 'right' },
  { head: 'commands', align: 'right' },
  { head: 'bytes', align: 'right' },
];

function costsOf(sets: readonly FigureSet[]): string {
  const rows = sets.flatMap(({ figures }) => figures.flatMap((figure) => withTitle(figure.title, costRows(figure))));
  return rows.length === 0 ? '' : `What a job costs\n${inColumns(COST_COLUMNS, rows)}`;
}

function costRows(figure: Figure): string[][] {
  const theirs = figure.results.map(({ peer, costs }) => [peer, costs.theirs] as const);
  return [['millrace', ownCosts(figure)] as const, ...theirs]
    .filter(([, costs]) => Object.keys(costs).length > 0)
    .map(([name, costs]) => [name, ...costCells(costs)]);
}

function costCells({ redisMicros, scriptMicros, nodeMicros, commandsPerJob, bytesPerJob }: Costs): string[] {
  const values = [redisMicros, scriptMicros, nodeMicros, commandsPerJob, bytesPerJob];
  return values.map((value) => (value === undefined ? '–' : formatNumber(value)));
}

const TARGET_COLUMNS: readonly Column[] = [
  { head: '' },
  { head: 'at least', align: 'right' },
  { head: 'aim', align: 'right' },
  { head: 'measured', align: 'right' },
  { head: 'met' },
];

function targetsOf(report: BenchReport): string {
  const measured = judge(report).filter(({ met }) => met !== 'not measured');
  const rows = measured.map(({ target, atLeast, aim, measured, met }) => [target, atLeast, aim, measured, met]);
  return rows.length === 0 ? '' : `Targets\n${inColumns(TARGET_COLUMNS, rows)}`;
}

function settingsOf({ settings, versions }: BenchReport): string {
  const lines = Object.entries(settings).map(([peer, text]) => {
    const name = versions[peer] === undefined ? peer : `${peer} ${versions[peer]}`;
    return wrap(`${name}: ${text}`);
  });
  return lines.join('\n');
}

function notesOf({ notes, results }: BenchReport): string {
  const ofResults = results.flatMap(({ title, peer, note }) =>
    note === undefined ? [] : [`${title}, ${peer}: ${note}`],
  );
  return [...notes, ...ofResults].map(wrap).join('\n');
}

/** The title of a figure stands in its first row only. */
function withTitle(title: string, rows: readonly (readonly string[])[]): string[][] {
  return rows.map((cells, index) => [index === 0 ? title : '', ...cells]);
}
