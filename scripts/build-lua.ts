/**
 * Composes the commands of `lua/` and writes `libs/core/src/redis/scripts.generated.ts`.
 *
 * `--check` writes nothing and fails when that file is not what the sources give.
 * `--where exchange:57` says which line of which source is line 57 of a script: Redis reports `user_script:57`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { composeTree, type ComposedCommand } from './lua/compose/compose.js';
import { LuaSourceError, Problems } from './lua/source/problems.js';
import { readTreeFrom } from './lua/source/tree.js';
import { generateTypeScript } from './lua/typescript/generate.js';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const OUTPUT = 'libs/core/src/redis/scripts.generated.ts';

function compose(): ComposedCommand[] {
  const problems = new Problems();
  const composed = composeTree(readTreeFrom(ROOT), problems);
  problems.throwIfAny();
  return composed;
}

function write(generated: string, onlyCheck: boolean): void {
  const path = join(ROOT, OUTPUT);
  const current = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (current === generated) {
    console.log(`${OUTPUT} is up to date.`);
  } else if (onlyCheck) {
    const lines = current.split('\n');
    const line = generated.split('\n').findIndex((text, index) => text !== lines[index]) + 1;
    fail(`${OUTPUT}:${line}  is not what lua/ gives. Run "npm run lua:build" and commit the file.`);
  } else {
    writeFileSync(path, generated);
    console.log(`${OUTPUT} written.`);
  }
}

function locate(composed: readonly ComposedCommand[], place: string): void {
  const [name, number] = place.split(':');
  const line = composed.find(({ command }) => command.name === name)?.lines[Number(number) - 1];
  if (line === undefined) return fail(`There is no line ${number} of a command ${name}. Write --where command:line.`);
  const { path, line: at } = line.origin ?? { path: 'written by the composer', line: 0 };
  console.log(`${path}${at > 0 ? `:${at}` : ''}  ${line.text}`);
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}

try {
  const [flag, place = ''] = process.argv.slice(2);
  const composed = compose();
  if (flag === '--where') locate(composed, place);
  else write(generateTypeScript(composed), flag === '--check');
} catch (error) {
  if (!(error instanceof LuaSourceError)) throw error;
  fail(error.message);
}
