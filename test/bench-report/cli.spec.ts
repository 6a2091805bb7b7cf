import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterEach, beforeEach, expect, it } from '@jest/globals';

import { toHtml } from '../../apps/bench/src/report/html/page.ts';
import { toMarkdown } from '../../apps/bench/src/report/markdown.ts';
import { toTable } from '../../apps/bench/src/report/table.ts';
import { fullReport } from './support/made-up-report.ts';

const MAIN = fileURLToPath(new URL('../../apps/bench/src/report/main.ts', import.meta.url));

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'millrace-report-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

async function run(...args: readonly string[]) {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return promisify(execFile)(process.execPath, ['--import', 'tsx', MAIN, ...args], { env });
}

it('shows a stored result again: in the terminal, as HTML and as Markdown', async () => {
  const [json, html, markdown] = ['report.json', 'report.html', 'targets.md'].map((name) => join(folder, name));
  const report = fullReport();
  await writeFile(json!, JSON.stringify(report));

  const { stdout } = await run(json!, '--html', html!, '--markdown', markdown!);

  expect(stdout).toBe(`${toTable(report)}\n`);
  expect(await readFile(html!, 'utf8')).toBe(toHtml(report));
  expect(await readFile(markdown!, 'utf8')).toBe(toMarkdown(report));
});

it('says in a sentence what it cannot show', async () => {
  const other = join(folder, 'other.json');
  await writeFile(other, '{"results": []}');
  const failing = async (...args: readonly string[]): Promise<string> => {
    const error = await run(...args).then(
      () => undefined,
      (reason: { readonly code: number; readonly stderr: string }) => reason,
    );
    expect(error?.code).toBe(2);
    return error!.stderr;
  };

  expect(await failing()).toContain('Usage: npm run bench:report -- FILE.json');
  expect(await failing(join(folder, 'none.json'))).toContain('none.json cannot be read (ENOENT).');
  expect(await failing(other)).toContain('is no report of the benchmark');
});
