/**
 * Composes the commands of `lua/` and writes `libs/core/src/redis/scripts.generated.ts`.
 * With `--check` it writes nothing and fails when that file is not what the sources give.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { composeTree } from './lua/compose/compose.js';
import { LuaSourceError, Problems } from './lua/source/problems.js';
import { readTreeFrom } from './lua/source/tree.js';
import { generateTypeScript } from './lua/typescript/generate.js';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const OUTPUT = 'libs/core/src/redis/scripts.generated.ts';

function build(): string {
  const problems = new Problems();
  const composed = composeTree(readTreeFrom(ROOT, problems), problems);
  problems.throwIfAny();
  return generateTypeScript(composed);
}

function firstDifference(a: string, b: string): number {
  const [left, right] = [a.split('\n'), b.split('\n')];
  return left.findIndex((line, index) => line !== right[index]) + 1;
}

try {
  const path = join(ROOT, OUTPUT);
  const current = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const generated = build();
  if (current === generated) {
    console.log(`${OUTPUT} is up to date.`);
  } else if (process.argv.includes('--check')) {
    const line = firstDifference(generated, current);
    console.error(`${OUTPUT}:${line}  is not what lua/ gives. Run "npm run lua:build" and commit the file.`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, generated);
    console.log(`${OUTPUT} written.`);
  }
} catch (error) {
  if (!(error instanceof LuaSourceError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
