/** Checks the sources of `lua/` without running them: syntax, names, keys, replies and sizes. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { checkTree } from './lua/check/check-tree.js';
import { formatProblem, Problems } from './lua/source/problems.js';
import { readTreeFrom } from './lua/source/tree.js';

const problems = new Problems();
const tree = readTreeFrom(dirname(dirname(fileURLToPath(import.meta.url))), problems);
checkTree(tree, problems);

const found = problems.list();
for (const problem of found) console.error(formatProblem(problem));
if (found.length > 0) process.exitCode = 1;
else console.log(`${tree.commands.length} commands and ${tree.modules.size} modules: nothing to report.`);
