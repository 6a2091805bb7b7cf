/** Checks the sources of `lua/` without running them: syntax, names, keys, replies, sizes and dead code. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { checkTree } from './lua/check/check-tree.js';
import { LuaSourceError } from './lua/source/problems.js';
import { readTreeFrom } from './lua/source/tree.js';

try {
  const tree = readTreeFrom(dirname(dirname(fileURLToPath(import.meta.url))));
  const problems = checkTree(tree);
  if (problems.length > 0) throw new LuaSourceError(problems);
  console.log(`${tree.commands.length} commands and ${tree.modules.size} modules: nothing to report.`);
} catch (error) {
  if (!(error instanceof LuaSourceError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
