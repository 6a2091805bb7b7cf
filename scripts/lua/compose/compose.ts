import type { Node, Statement } from 'luaparse';

import type { LuaFile } from '../source/lua-file.js';
import type { Problems } from '../source/problems.js';
import type { LuaTree } from '../source/tree.js';
import { moduleOrder } from './module-order.js';
import { placeUnits } from './placing.js';
import { argumentLocals, checkKeysAgree, shebang } from './preamble.js';
import { reachableUnits } from './reach.js';
import { rewrite, type ComposedLine } from './rewrite.js';
import { exportName, type Unit } from './units.js';
import { verifyComposed } from './verify.js';

/** A command with everything it requires, as Redis runs it. */
export interface ComposedCommand {
  readonly command: LuaFile;
  /** What it requires, directly or not; each after those it requires itself. */
  readonly modules: readonly LuaFile[];
  /** The parts of the modules that are in it. */
  readonly units: readonly Unit[];
  readonly lines: readonly ComposedLine[];
  readonly source: string;
}

/** Composes every command of the tree, in the order of their names. */
export function composeTree(tree: LuaTree, problems: Problems): ComposedCommand[] {
  for (const module of tree.modules.values()) checkModuleHead(module, problems);
  return tree.commands.map((command) => composeCommand(command, tree, problems));
}

function composeCommand(command: LuaFile, tree: LuaTree, problems: Problems): ComposedCommand {
  const modules = moduleOrder(command, tree, problems);
  checkKeysAgree([command, ...modules], problems);
  const byIdentifier = new Map(modules.map((module) => [module.identifier, module]));
  const units = reachableUnits(command, modules);
  const lines: ComposedLine[] = [
    ...written([...shebang(command.header), 'local base = KEYS[1]', ...argumentLocals(command.header)]),
    ...rewrite(command, command.chunk.body, byIdentifier, placedModules(command, modules, units)),
  ];
  verifyComposed(command, lines, problems);
  return { command, modules, units, lines, source: lines.map(({ text }) => `${text}\n`).join('') };
}

/** The parts of the modules, by the statement of the command before which they stand. */
function placedModules(
  command: LuaFile,
  modules: readonly LuaFile[],
  units: readonly Unit[],
): ReadonlyMap<Node, readonly ComposedLine[]> {
  const byIdentifier = new Map(modules.map((module) => [module.identifier, module]));
  const placed = [...placeUnits(command, units, byIdentifier)];
  return new Map(
    placed.map(([statement, here]) => [statement, modules.flatMap((module) => wrapModule(module, here, byIdentifier))]),
  );
}

function written(texts: readonly string[]): ComposedLine[] {
  return texts.map((text) => ({ text }));
}

/** The parts of a module that are needed: its members as locals of the script, its own locals in a block of theirs. */
function wrapModule(module: LuaFile, units: readonly Unit[], modules: ReadonlyMap<string, LuaFile>): ComposedLine[] {
  const own = units.filter((unit) => unit.module === module);
  const prefix = exportName(module, '');
  const members = [...new Set(own.flatMap(({ defines }) => defines))].filter((name) => name.startsWith(prefix));
  const statements = own.map(({ statement }) => statement);
  const body = rewrite(module, statements, modules);
  const block = statements.some(declaresLocal) ? [...written(['do']), ...body, ...written(['end'])] : body;
  return members.length === 0 ? block : [...written([`local ${members.join(', ')}`]), ...block];
}

/** Such a local is seen by this module only, and costs the script nothing of Lua's 200. */
function declaresLocal(statement: Statement): boolean {
  return statement.type === 'LocalStatement' || (statement.type === 'FunctionDeclaration' && statement.isLocal);
}

function checkModuleHead({ path, identifier, code, chunk }: LuaFile, problems: Problems): void {
  const first = code.split('\n').findIndex((line) => line !== '');
  const head = `local ${identifier} = {}`;
  const [statement] = chunk.body;
  if (statement === undefined || code.split('\n')[first] === head) return;
  problems.add(path, first + 1, `a module begins with "${head}", on a line of its own.`);
}
