import type { LuaFile } from '../source/lua-file.js';
import type { Problems } from '../source/problems.js';
import type { LuaTree } from '../source/tree.js';
import { moduleOrder } from './module-order.js';
import { argumentLocals, keyTable, shebang } from './preamble.js';

/** A command with everything it requires, as Redis runs it. */
export interface ComposedCommand {
  readonly command: LuaFile;
  readonly modules: readonly LuaFile[];
  readonly lines: readonly ComposedLine[];
  readonly source: string;
}

/** A line of the composed script. Lines that the composer wrote have no origin. */
export interface ComposedLine {
  readonly text: string;
  readonly origin?: { readonly path: string; readonly line: number };
}

/** Composes every command of the tree, in the order of their names. */
export function composeTree(tree: LuaTree, problems: Problems): ComposedCommand[] {
  for (const module of tree.modules.values()) checkModuleHead(module, problems);
  return tree.commands.map((command) => composeCommand(command, tree, problems));
}

function composeCommand(command: LuaFile, tree: LuaTree, problems: Problems): ComposedCommand {
  const modules = moduleOrder(command, tree, problems);
  checkArgumentNames(command, modules, problems);
  const lines: ComposedLine[] = [
    ...written(shebang(command.header)),
    ...written(keyTable([command, ...modules], problems)),
    ...written(argumentLocals(command.header)),
    ...modules.flatMap(wrapModule),
    ...command.code.map(({ text, line }) => ({ text, origin: { path: command.path, line } })),
  ];
  return { command, modules, lines, source: lines.map(({ text }) => `${text}\n`).join('') };
}

function written(texts: readonly string[]): ComposedLine[] {
  return texts.map((text) => ({ text }));
}

/** In a block of its own, a module's inner locals cost nothing of Lua's 200 and are seen by nobody else. */
function wrapModule(module: LuaFile): ComposedLine[] {
  const body = module.code.map(({ text, line }, index) => ({
    text: index === 0 ? text.replace(/^local\s+/, '') : text,
    origin: { path: module.path, line },
  }));
  return [{ text: `local ${module.identifier}` }, { text: 'do' }, ...body, { text: 'end' }];
}

function checkModuleHead(module: LuaFile, problems: Problems): void {
  const first = module.code[0];
  const head = `local ${module.identifier} = {}`;
  if (first === undefined || first.text.replace(/\s+/g, ' ') === head) return;
  problems.add(
    module.path,
    first.line,
    `a module begins with "${head}" on a line of its own, not with "${first.text}".`,
  );
}

function checkArgumentNames(command: LuaFile, modules: readonly LuaFile[], problems: Problems): void {
  for (const arg of command.header.args) {
    const module = modules.find(({ identifier }) => identifier === arg.name);
    if (module !== undefined) {
      problems.add(
        command.path,
        arg.line,
        `@arg ${arg.name} hides the module of that name (${module.path}). Rename the argument.`,
      );
    }
  }
}
