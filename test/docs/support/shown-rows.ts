import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { idsIn } from '../../../scripts/project/trace-ids.js';
import { readPage, ROOT } from './pages.ts';

/** A row of a page that says of each id of a family where it is shown: its last cell names the tests. */
export interface ShownRow {
  readonly id: string;
  /** What stands behind the id, cell by cell. */
  readonly cells: readonly string[];
  /** The paths of the tests. */
  readonly tests: readonly string[];
}

export function shownRows(page: string): ShownRow[] {
  return [...readPage(page).matchAll(/^\| ([A-Z]\d+) \| (.+) \|$/gm)].map(([, id = '', rest = '']) => {
    const cells = rest.split(/(?<!\\) \| /);
    return { id, cells, tests: [...(cells.at(-1) ?? '').matchAll(/`([^`]+)`/g)].map(([, path = '']) => path) };
  });
}

/** Rows that do not stand behind the one before, of the same letter and by their numbers. */
export function misplaced(rows: readonly ShownRow[]): string[] {
  const place = ({ id }: ShownRow): readonly [letter: string, number: number] => [id.charAt(0), Number(id.slice(1))];
  return rows
    .filter((row, i) => {
      const [letter, number] = place(row);
      const [before, last] = i === 0 ? [] : place(rows[i - 1]!);
      return number !== 1 && !(before === letter && last === number - 1);
    })
    .map(({ id }) => id);
}

/** The tests that a row names and that do not carry its id. */
export function strangers({ id, tests }: ShownRow, family: string): string[] {
  return tests.filter((path) => {
    if (!existsSync(join(ROOT, path))) return true;
    return !idsIn(readFileSync(join(ROOT, path), 'utf8')).includes(`${family}:${id}`);
  });
}
