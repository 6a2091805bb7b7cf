/** Checks what the linter does not: no file of the project is too long, and none puts work off in a comment. */
import { readFileSync } from 'node:fs';
import { projectFiles, ROOT } from './project/tree.js';

const MAX_LINES = 400;
const CHECKED = /\.(ts|js|mjs|cjs|lua|md|sh)$|^\.ci\/run$/;
const GENERATED = /\.generated\.ts$/;
/** Words for work that is not done; a word in quotes or backticks is talked about, not used. */
const BANNED = /(?<![`'"\w])(TODO|FIXME|XXX|HACK)\b/;
const SELF = 'scripts/check-sources.ts';

const faults = projectFiles()
  .filter((path) => CHECKED.test(path) && path !== SELF)
  .flatMap((path) => faultsOf(path, readFileSync(ROOT + path, 'utf8').split('\n')));

for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;

function faultsOf(path: string, lines: readonly string[]): string[] {
  // A file ends with a line break, so the last element is empty.
  const length = lines.length - 1;
  const tooLong = length > MAX_LINES && !GENERATED.test(path);
  return [
    ...(tooLong ? [`${path}  has ${length} lines; ${MAX_LINES} are the limit. Split it by what it does.`] : []),
    ...lines.flatMap((line, index) => {
      const word = BANNED.exec(line)?.[1];
      return word === undefined ? [] : [`${path}:${index + 1}  says ${word}. Do it, or file an issue.`];
    }),
  ];
}
