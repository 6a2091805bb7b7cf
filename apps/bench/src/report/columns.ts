/** Text in columns, for a terminal. */

/** A column, by the head that stands over it. */
export interface Column {
  readonly head: string;
  /** Where its cells are set to; the default is `left`. */
  readonly align?: 'left' | 'right';
}

export const TERMINAL_WIDTH = 120;
const GAP = '  ';

/** Columns as wide as their widest cell; where the terminal is too narrow, the first is cut. */
export function inColumns(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ head }) => head), ...rows];
  const widths = columns.map((_, index) => Math.max(...lines.map((cells) => cells[index]!.length)));
  const others = widths.slice(1).reduce((sum, width) => sum + width + GAP.length, 0);
  widths[0] = Math.min(widths[0]!, Math.max(1, TERMINAL_WIDTH - others));
  const set = (cell: string, index: number): string =>
    columns[index]!.align === 'right'
      ? cell.padStart(widths[index]!)
      : cut(cell, widths[index]!).padEnd(widths[index]!);
  return lines.map((cells) => cells.map(set).join(GAP).trimEnd()).join('\n');
}

/** A text in lines of the terminal's width, those after the first indented. */
export function wrap(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)!} ${word}`;
    if (lines.length > 0 && longer.length <= TERMINAL_WIDTH) lines[lines.length - 1] = longer;
    else lines.push(lines.length === 0 ? word : `${GAP}${word}`);
  }
  return lines.join('\n');
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
