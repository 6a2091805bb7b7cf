/** Shows a stored result again: `main.js FILE.json [--html FILE] [--markdown FILE]`. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { toHtml } from './html/page.js';
import { toMarkdown } from './markdown.js';
import { readReport } from './read.js';
import { toTable } from './table.js';

const USAGE = 'Usage: npm run bench:report -- FILE.json [--html FILE] [--markdown FILE]';

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { html: { type: 'string' }, markdown: { type: 'string' } },
  });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new Error('One file is to be shown.');
  const report = await readReport(file);
  if (values.html !== undefined) await writeFile(values.html, toHtml(report));
  if (values.markdown !== undefined) await writeFile(values.markdown, toMarkdown(report));
  console.log(toTable(report));
} catch (error) {
  console.error(`${(error as Error).message}\n${USAGE}`);
  process.exitCode = 2;
}
