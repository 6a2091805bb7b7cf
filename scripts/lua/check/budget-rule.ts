import type { ComposedCommand } from '../compose/compose.js';
import type { LuaFile } from '../source/lua-file.js';
import type { Problems } from '../source/problems.js';
import type { LuaTree } from '../source/tree.js';

/**
 * Most lines of a command and of a module, header and comments included; most lines of a composed script; most modules
 * in one; longest chain of @require below a command.
 */
export const BUDGETS = Object.freeze({ command: 120, module: 150, composed: 3_200, modules: 50, depth: 11 });

export function checkFileBudget({ path, kind, lineCount }: LuaFile, problems: Problems): void {
  if (lineCount <= BUDGETS[kind]) return;
  const advice =
    kind === 'command' ? 'Move a part to a module of lua/lib.' : 'Split it by what its functions are about.';
  problems.add(path, 0, `${lineCount} lines; a ${kind} has at most ${BUDGETS[kind]}. ${advice}`);
}

export function checkComposedBudget(
  { command, modules, lines }: ComposedCommand,
  tree: LuaTree,
  problems: Problems,
): void {
  if (lines.length > BUDGETS.composed) {
    const most = `a composed script has at most ${BUDGETS.composed}`;
    problems.add(
      command.path,
      0,
      `${lines.length} lines with its modules; ${most}. Split the command, or require less.`,
    );
  }
  if (modules.length > BUDGETS.modules) {
    const names = modules.map(({ name }) => name).join(', ');
    problems.add(command.path, 0, `${modules.length} modules (${names}); at most ${BUDGETS.modules}. Require less.`);
  }
  const chain = longestChain(command, tree, []);
  if (chain.length - 1 > BUDGETS.depth) {
    const names = chain.map(({ name }) => name).join(' → ');
    problems.add(
      command.path,
      0,
      `${names} is deeper than ${BUDGETS.depth} modules. Require the last ones nearer to the command.`,
    );
  }
}

function longestChain(file: LuaFile, tree: LuaTree, above: readonly LuaFile[]): readonly LuaFile[] {
  const here = [...above, file];
  let longest = here;
  for (const { name } of file.header.requires) {
    const module = tree.modules.get(name);
    if (module === undefined || here.includes(module)) continue;
    const chain = longestChain(module, tree, here);
    if (chain.length > longest.length) longest = [...chain];
  }
  return longest;
}
