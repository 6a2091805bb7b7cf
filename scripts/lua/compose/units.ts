import type { Node, Statement } from 'luaparse';

import type { LuaFile } from '../source/lua-file.js';
import { memberOf, walk } from '../source/syntax.js';

/** A top-level statement of a module: what a script either has or leaves out. */
export interface Unit {
  readonly module: LuaFile;
  readonly statement: Statement;
  /** Names that it gives a value to. A unit without any is kept in every script. */
  readonly defines: readonly string[];
  /** Names that it needs, once it is kept. */
  readonly needs: ReadonlySet<string>;
  /** Those of them that it comes to whenever it runs: not in a branch. */
  readonly surely: ReadonlySet<string>;
}

/** How a member of a module is called in a composed script: a local of its own, which is cheaper than a table's field. */
export function exportName(module: LuaFile, member: string): string {
  return `${module.identifier}__${member}`;
}

/** Which of the names that a part gives a value to are members of its module, and no locals. */
export function membersOf({ module, defines }: Unit): string[] {
  return defines.filter((name) => name.startsWith(exportName(module, '')));
}

/** The statements of a module after its head, `local name = {}`. */
export function unitsOf(module: LuaFile, modules: ReadonlyMap<string, LuaFile>): Unit[] {
  return module.chunk.body.slice(1).map((statement) => ({
    module,
    statement,
    defines: hasCallAtLoad(statement) ? [] : targetsOf(statement).flatMap((target) => definedName(module, target)),
    needs: neededNames(statement, module, modules),
    surely: neededNames(statement, module, modules, isBranch),
  }));
}

/** The names that a piece of code needs of its own module and of others. Too many do no harm: names may be hidden. */
export function neededNames(
  node: Node,
  file: LuaFile,
  modules: ReadonlyMap<string, LuaFile>,
  isLeftOut: (child: Node) => boolean = () => false,
): Set<string> {
  const names = new Set<string>();
  walk(node, (child) => {
    if (isLeftOut(child)) {
      for (const condition of conditionsOf(child)) {
        for (const name of neededNames(condition, file, modules, isLeftOut)) names.add(name);
      }
      return false;
    }
    const member = memberOf(child);
    const module = member && (member.base.name === file.identifier ? file : modules.get(member.base.name));
    if (member !== undefined && module?.kind === 'module') names.add(exportName(module, member.name));
    if (child.type === 'Identifier') names.add(localName(file, child.name));
    return true;
  });
  return names;
}

function isBranch(node: Node): boolean {
  return node.type === 'IfStatement';
}

/** What an `if` asks. */
export function conditionsOf(node: Node): readonly Node[] {
  if (node.type !== 'IfStatement') return [];
  return node.clauses.flatMap((clause) => ('condition' in clause ? [clause.condition] : []));
}

/** Names of a module's own locals: told apart from those of other modules and from members. */
function localName(file: LuaFile, name: string): string {
  return `${file.identifier}:${name}`;
}

function targetsOf(statement: Statement): readonly Node[] {
  if (statement.type === 'LocalStatement' || statement.type === 'AssignmentStatement') return statement.variables;
  if (statement.type === 'FunctionDeclaration' && statement.identifier !== null) return [statement.identifier];
  return [];
}

function definedName(module: LuaFile, target: Node): string[] {
  const member = memberOf(target);
  if (member?.base.name === module.identifier) return [exportName(module, member.name)];
  return target.type === 'Identifier' ? [localName(module, target.name)] : [];
}

/** A value that is computed by a call when the script starts may have effects: such a statement always stays. */
function hasCallAtLoad(statement: Statement): boolean {
  let found = false;
  walk(statement, (node) => {
    if (node.type === 'FunctionDeclaration') return false;
    found ||= node.type.endsWith('CallExpression');
    return true;
  });
  return found;
}
