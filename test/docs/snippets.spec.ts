import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { anchorsOf, blocksOf, PAGES, pathOf, readPage, ROOT, type Block } from './support/pages.ts';
import { Reader } from './support/reader.ts';

/** What is read ends before its reader tires; what is only looked up has a line for each thing that there is. */
const maxLines = (page: string): number => (page.startsWith('docs/reference/') ? 200 : 150);

describe('the code of the documentation', () => {
  let reader: Reader;
  let faults: string;

  beforeAll(async () => {
    reader = await Reader.create();
    const blocks = PAGES.flatMap(blocksOf).filter(({ language }) => language === 'ts');
    for (const [index, block] of blocks.entries()) await reader.write(`src/${fileName(block, index)}`, toModule(block));
    faults = await reader.compile();
  }, 60_000);

  afterAll(() => reader.remove());

  // The compiler's lines are those of the page.
  it.each(PAGES.filter((page) => blocksOf(page).some(({ language }) => language === 'ts')))(
    '%s: each block compiles, strictly, against the built packages',
    (page) => {
      expect(faults.split('\n').filter((line) => line.startsWith(`src/${flat(page)}/`))).toEqual([]);
    },
  );

  it('has no fault that belongs to no page', () => {
    expect(faults.split('\n').filter((line) => line !== '' && !/^(src\/| )/.test(line))).toEqual([]);
  });
});

describe('the pages', () => {
  it.each(PAGES)('%s: its links lead somewhere', (page) => {
    const dead = linksOf(page).filter(({ path, anchor }) => {
      if (!existsSync(join(ROOT, path))) return true;
      return anchor !== undefined && !(path.endsWith('.md') && anchorsOf(path).includes(anchor));
    });
    expect(dead).toEqual([]);
  });

  it.each(PAGES)('%s: is short', (page) => {
    expect(readPage(page).split('\n').length - 1).toBeLessThanOrEqual(maxLines(page));
  });

  it('are all reached from docs/README.md', () => {
    const reached = linksOf('docs/README.md').map(({ path }) => path);
    const pages = PAGES.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md');
    expect(pages.filter((page) => !reached.includes(page))).toEqual([]);
  });
});

/** Hidden lines and the block stand on the lines that they have on the page. */
function toModule({ code, line, hidden }: Block): string {
  const lines: string[] = [];
  const put = (text: string, from: number): void =>
    text.split('\n').forEach((row, index) => (lines[from - 1 + index] = row));
  if (hidden !== undefined && !code.startsWith('import ') && pathOf(code) === undefined) put(hidden.code, hidden.line);
  put(code, line);
  return `${Array.from(lines, (row) => row ?? '').join('\n')}\nexport {};\n`;
}

/** The blocks of a page are files of one folder, so that one can import what another one shows. */
function fileName({ page, code }: Block, index: number): string {
  return `${flat(page)}/${pathOf(code) ?? `block-${index}.ts`}`;
}

function flat(page: string): string {
  return page.replaceAll('/', '__');
}

/** The links of a page to files of the repository. */
function linksOf(page: string): { path: string; anchor: string | undefined }[] {
  const prose = readPage(page).replace(/^```.*?^```$/gms, '');
  return [...prose.matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor] = target.split('#');
      return { path: path === '' ? page : normalize(join(dirname(page), path)), anchor };
    });
}
