import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Every page for people, by its path in the repository. */
export const PAGES: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path}`)
    .sort(),
];

/** The text of a page. */
export function readPage(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** A block of code of a page. */
export interface Block {
  readonly page: string;
  readonly language: string;
  /** The line of the page on which the code begins, from 1. */
  readonly line: number;
  readonly code: string;
  /** Declarations that readers do not see: the page's last comment `<!-- ts … -->` before the block, and where it begins. */
  readonly hidden: { readonly line: number; readonly code: string } | undefined;
}

/** The blocks of code of a page, in their order. */
export function blocksOf(page: string): Block[] {
  const text = readPage(page);
  const blocks: Block[] = [];
  let hidden: Block['hidden'];
  for (const { 0: whole, index, groups } of text.matchAll(
    /^```(?<language>\w*)\n(?<code>.*?)^```$|^<!-- ts\n(?<comment>.*?)^-->$/gms,
  )) {
    const line = text.slice(0, index).split('\n').length + 1;
    const { language, code = '', comment } = groups ?? {};
    if (comment !== undefined && pathOf(comment) !== undefined)
      blocks.push({ page, language: 'ts', line, code: comment, hidden: undefined });
    else if (comment !== undefined) hidden = { line, code: comment };
    else if (whole !== '') blocks.push({ page, language: language ?? '', line, code, hidden });
  }
  return blocks;
}

/** The path that code has which is a whole file: `// src/mail.processor.ts` in its first line. */
export function pathOf(code: string): string | undefined {
  return /^\/\/ src\/(\S+)\n/.exec(code)?.[1];
}

/** The headings of a page, as GitHub turns them into anchors. */
export function anchorsOf(page: string): string[] {
  const prose = readPage(page).replace(/^```.*?^```$/gms, '');
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}
