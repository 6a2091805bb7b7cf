import type { AuditReport } from '../audit/report.js';
import { count, plural, size } from '../pages/figures.js';

/** The report in a few lines for a terminal: licences with their packages and sizes, then what needs a look. */
export function summaryTable(report: AuditReport): string {
  const { totals, licences, duplicates, withoutLicence, unread, copies } = report;
  const rows = [
    ['Licence', 'Packages', 'Size'],
    ...licences.map((line) => [line.licence ?? '(none)', count(line.packages), size(line.bytes)]),
    ['All', count(totals.packages), size(totals.bytes)],
  ];
  return [
    `Dependency audit of ${printable(report.folder)}`,
    '',
    ...ruled(rows),
    '',
    `${plural(totals.packages, 'package')} of ${plural(totals.names, 'name')} in ${plural(totals.files, 'file')}`,
    noted(
      'In several versions',
      duplicates.map(({ name }) => name),
    ),
    noted(
      'Without a licence',
      withoutLicence.map(({ name }) => name),
    ),
    noted(
      'Copies that differ',
      copies.filter((copy) => !copy.identical).map(({ name }) => name),
    ),
    noted(
      'Could not be read',
      unread.map(({ location }) => location),
    ),
  ].join('\n');
}

/** What jobs did besides the audit's own. */
export interface Afterwards {
  /** Jobs that the report waited for. */
  readonly parts: number;
  readonly told: { readonly findings: number; readonly messages: number };
  readonly nightly: { readonly kept: number; readonly removed: number; readonly next: Date | undefined };
}

/** A line for each. */
export function afterwardsLines({ parts, told, nightly }: Afterwards): string {
  const next = nightly.next === undefined ? '' : `, next at ${nightly.next.toISOString().slice(0, 16)}Z`;
  return [
    `${'Depended on:'.padEnd(21)}${plural(parts, 'part')} of the report`,
    `${'Told together:'.padEnd(21)}${plural(told.findings, 'finding')} in ${plural(told.messages, 'message')}`,
    `${'Done every night:'.padEnd(21)}${plural(nightly.kept, 'audit')} kept, ${nightly.removed} removed${next}`,
  ].join('\n');
}

/** Columns side by side, the first to the left and the figures to the right; a rule under the head and above the sum. */
function ruled(rows: readonly (readonly string[])[]): string[] {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => printable(row[column] ?? '').length)));
  const lines = rows.map((row) =>
    row
      .map(printable)
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('   '),
  );
  const rule = '─'.repeat(lines[0]?.length ?? 0);
  return [...lines.slice(0, 1), rule, ...lines.slice(1, -1), rule, ...lines.slice(-1)];
}

const SHOWN = 5;

function noted(label: string, names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).map(printable);
  const list = names.length > SHOWN ? [...shown, '…'] : shown;
  return `${`${label}:`.padEnd(21)}${names.length === 0 ? 'none' : `${count(names.length)} (${list.join(', ')})`}`;
}

/** A name from a manifest must not be able to move the cursor or colour the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\uFFFD');
}
