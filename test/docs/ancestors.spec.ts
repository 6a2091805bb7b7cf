import { describe, expect, it } from '@jest/globals';
import { familiesOf } from '../../scripts/project/trace-ids.js';
import { readPage } from './support/pages.ts';
import { misplaced, shownRows, strangers } from './support/shown-rows.ts';

const PAGE = 'docs/reference/ancestors.md';
const seed = familiesOf(readPage('test/trace.json')).find(({ family }) => family === 'seed');
const rows = shownRows(PAGE);

describe(PAGE, () => {
  it('has each row once, in its order: 142, of which 8 are for later', () => {
    const { required = [], later = [] } = seed ?? {};
    const ids = rows.map(({ id }) => id);
    expect([ids.length, new Set(ids).size, later.length]).toEqual([142, 142, 8]);
    expect([...ids].sort()).toEqual([...required, ...later].sort());
    expect(misplaced(rows)).toEqual([]);
  });

  it('says of each row what serves it, or that it is for later', () => {
    const unserved = rows.filter(({ cells }) => cells.length !== 3 || cells.slice(0, 2).some((cell) => cell === ''));
    expect(unserved).toEqual([]);
    const later = rows.filter(({ cells }) => cells[1]?.includes('*later*')).map(({ id }) => id);
    expect(later.sort()).toEqual([...(seed?.later ?? [])].sort());
    const unshown = rows.filter(({ id, tests }) => tests.length === 0 && seed?.required.includes(id));
    expect(unshown).toEqual([]);
  });

  it.each(rows.map((row) => [row.id, row] as const))('%s: the tests that it names show it', (_, row) => {
    expect(strangers(row, 'seed')).toEqual([]);
  });
});
