import type { Node, Statement } from 'luaparse';

import type { LuaFile } from '../source/lua-file.js';
import type { Problems } from '../source/problems.js';
import { rangeOf } from '../source/syntax.js';
import type { LuaTree } from '../source/tree.js';
import { loaderLines } from './loader.js';
import { moduleOrder } from './module-order.js';
import { placeUnits } from './placing.js';
import { argumentLocals, checkKeysAgree, shebang } from './preamble.js';
import { reachableUnits } from './reach.js';
import { rewrite, written, type ComposedLine, type Surroundings } from './rewrite.js';
import { membersOf, type Unit } from './units.js';
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
  const units = reachableUnits(command, modules);
  const lines: ComposedLine[] = [
    ...written(...shebang(command.header), 'local base = KEYS[1]', ...argumentLocals(command.header)),
    ...body(command, modules, units, problems),
  ];
  verifyComposed(command, units, lines, problems);
  return { command, modules, units, lines, source: lines.map(({ text }) => `${text}\n`).join('') };
}

/** The command with the parts of its modules. */
function body(command: LuaFile, order: readonly LuaFile[], units: readonly Unit[], problems: Problems): ComposedLine[] {
  const modules = new Map(order.map((module) => [module.identifier, module]));
  const { before, late, lateFrom } = placeUnits(command, units, modules);
  const lateNames = new Set(late.flat().flatMap(({ defines }) => defines));
  const surroundings = { modules, isLate: (name: string) => lateNames.has(name) };
  const held = heldNames(late, [...before.values()].flat());
  if (held.size > MAX_HELD)
    problems.add(command.path, 0, `Late functions use ${held.size} of those built at once; Lua holds ${MAX_HELD}.`);
  // What late parts use is declared before the function that builds them, whether it is built before or behind that.
  const isBehind = ([statement]: readonly [Statement, unknown]): boolean =>
    rangeOf(statement)[0] >= rangeOf(lateFrom)[0];
  const behind = heldNames(
    late,
    [...before].filter(isBehind).flatMap(([, here]) => here),
  );
  const placed = new Map<Node, ComposedLine[]>(
    [...before].map(([statement, here]) => [
      statement,
      order.flatMap((module) => wrapModule(module, here, surroundings, behind)),
    ]),
  );
  placed.set(lateFrom, [
    ...(behind.size === 0 ? [] : written(`local ${[...behind].join(', ')}`)),
    ...loaderLines(late, surroundings),
    ...(placed.get(lateFrom) ?? []),
  ]);
  return rewrite(command, command.chunk.body, { ...surroundings, before: placed });
}

/** Lua lets a function hold 60 locals of others; the builder of what is late holds two besides. */
const MAX_HELD = 58;

/** Members that late parts use. */
function heldNames(late: readonly (readonly Unit[])[], early: readonly Unit[]): Set<string> {
  const needed = new Set(late.flat().flatMap(({ needs }) => [...needs]));
  return new Set(early.flatMap(membersOf).filter((name) => needed.has(name)));
}

/** The parts of a module that are needed: its members as locals of the script, its own locals in a block of theirs. */
function wrapModule(
  module: LuaFile,
  units: readonly Unit[],
  surroundings: Surroundings,
  declared: ReadonlySet<string>,
): ComposedLine[] {
  const own = units.filter((unit) => unit.module === module);
  const members = [...new Set(own.flatMap(membersOf))].filter((name) => !declared.has(name));
  const statements = own.map(({ statement }) => statement);
  const body = rewrite(module, statements, surroundings);
  const block = statements.some(declaresLocal) ? [...written('do'), ...body, ...written('end')] : body;
  return members.length === 0 ? block : [...written(`local ${members.join(', ')}`), ...block];
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
