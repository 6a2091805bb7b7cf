import { describe, expect, it } from '@jest/globals';
import { familiesOf } from '../../scripts/project/trace-ids.js';
import { readPage } from './support/pages.ts';
import { misplaced, shownRows, strangers } from './support/shown-rows.ts';

const PAGES = ['docs/reference/faults.md', 'docs/reference/faults-api.md'];
const cases = familiesOf(readPage('test/trace.json')).find(({ family }) => family === 'case');
const rows = PAGES.flatMap(shownRows);

describe(PAGES.join(' and '), () => {
  it('have each case once, in its order: 177 and 17 that always hold', () => {
    const ids = rows.map(({ id }) => id);
    expect([ids.length, new Set(ids).size]).toEqual([194, 194]);
    expect([...ids].sort()).toEqual([...(cases?.required ?? []), ...(cases?.later ?? [])].sort());
    expect(misplaced(rows)).toEqual([]);
  });

  it('say of each case where it is shown, or why it is not', () => {
    const isShort = ({ id }: { id: string }): boolean => /^I\d/.test(id);
    expect(rows.filter((row) => row.cells.length !== (isShort(row) ? 2 : 3)).map(({ id }) => id)).toEqual([]);
    const later = rows.filter(({ cells }) => cells.at(-1)!.startsWith('*later*')).map(({ id }) => id);
    expect(later.sort()).toEqual([...(cases?.later ?? [])].sort());
    const reasons = rows.filter(
      ({ id, cells }) => later.includes(id) && cells.at(-1) !== `*later*: with ${cases!.parts.get(id)}`,
    );
    expect(reasons.map(({ id }) => id)).toEqual([]);
    expect(rows.filter(({ id, tests }) => tests.length === 0 && !later.includes(id)).map(({ id }) => id)).toEqual([]);
  });

  it.each(rows.map((row) => [row.id, row] as const))('%s: the tests that it names show it', (_, row) => {
    expect(strangers(row, 'case')).toEqual([]);
  });
});
