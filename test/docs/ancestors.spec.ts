import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';
import { familiesOf, idsIn } from '../../scripts/project/trace-ids.js';
import { readPage, ROOT } from './support/pages.ts';

const PAGE = 'docs/reference/ancestors.md';
const seed = familiesOf(readPage('test/trace.json')).find(({ family }) => family === 'seed');
const rows = [...readPage(PAGE).matchAll(/^\| ([A-Z]\d+) \| (.+) \|$/gm)].map(([, id = '', rest = '']) => {
  const cells = rest.split(/(?<!\\) \| /);
  return { id, cells, tests: [...(cells[2] ?? '').matchAll(/`([^`]+)`/g)].map(([, path = '']) => path) };
});

describe(PAGE, () => {
  it('has each row once, in its order: 142, of which 8 are for later', () => {
    const { required = [], later = [] } = seed ?? {};
    const ids = rows.map(({ id }) => id);
    expect([ids.length, new Set(ids).size, later.length]).toEqual([142, 142, 8]);
    expect([...ids].sort()).toEqual([...required, ...later].sort());
    const numbers = ids.map((id) => [id.charAt(0), Number(id.slice(1))] as const);
    const misplaced = numbers.filter(
      ([letter, n], i) => n !== 1 && !(numbers[i - 1]?.[0] === letter && numbers[i - 1]?.[1] === n - 1),
    );
    expect(misplaced).toEqual([]);
  });

  it('says of each row what serves it, or that it is for later', () => {
    const unserved = rows.filter(({ cells }) => cells.length !== 3 || cells.slice(0, 2).some((cell) => cell === ''));
    expect(unserved).toEqual([]);
    const later = rows.filter(({ cells }) => cells[1]?.includes('*later*')).map(({ id }) => id);
    expect(later.sort()).toEqual([...(seed?.later ?? [])].sort());
    const unshown = rows.filter(({ id, tests }) => tests.length === 0 && seed?.required.includes(id));
    expect(unshown).toEqual([]);
  });

  it.each(rows.map(({ id, tests }) => [id, tests] as const))('%s: the tests that it names show it', (id, tests) => {
    const others = tests.filter((path) => {
      if (!existsSync(join(ROOT, path))) return true;
      return !idsIn(readFileSync(join(ROOT, path), 'utf8')).includes(`seed:${id}`);
    });
    expect(others).toEqual([]);
  });
});
