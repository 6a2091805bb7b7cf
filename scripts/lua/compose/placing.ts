import type { Node, Statement } from 'luaparse';

import type { LuaFile } from '../source/lua-file.js';
import { neededNames, type Unit } from './units.js';

/** Statements that run once, one after the other: the command's own, or those of a branch in it. */
interface Block {
  readonly statements: readonly Statement[];
  /** Where it stands itself. */
  readonly parent?: Place;
}

/** Before one statement of a block. */
interface Place {
  readonly block: Block;
  readonly index: number;
}

/**
 * Before which statement of a command each part of its modules stands: right before the first that can reach it, and in
 * the branch that alone can. So a call builds the functions of the way it takes, and of no other: in the shortest
 * commands that was half of the time. Never in a loop or a function, where they would be built again and again.
 */
export function placeUnits(
  command: LuaFile,
  units: readonly Unit[],
  modules: ReadonlyMap<string, LuaFile>,
): ReadonlyMap<Statement, Unit[]> {
  const root: Block = { statements: command.chunk.body };
  const places = new Map<string, Place>();
  findUses(root);
  const groups = groupsOf(units);
  for (let moved = true; moved;) {
    moved = false;
    for (const group of groups) {
      const place = placeOf(group);
      for (const { needs } of place === undefined ? [] : group) {
        for (const name of needs) moved = use(name, place!) || moved;
      }
    }
  }
  const before = new Map<Statement, Unit[]>();
  const placed = new Map(groups.flatMap((group) => group.map((unit) => [unit, placeOf(group)] as const)));
  for (const unit of units) {
    const { block, index } = placed.get(unit) ?? { block: root, index: 0 };
    const statement = block.statements[index]!;
    before.set(statement, [...(before.get(statement) ?? []), unit]);
  }
  return before;

  function findUses(block: Block): void {
    block.statements.forEach((statement, index) => {
      const place = { block, index };
      const branches = branchesOf(statement);
      for (const statements of branches) if (statements.length > 0) findUses({ statements, parent: place });
      const own = branches.length === 0 ? [statement] : conditionsOf(statement);
      for (const node of own) for (const name of neededNames(node, command, modules)) use(name, place);
    });
  }

  /** Notes that a name is needed there; true if that is news. */
  function use(name: string, place: Place): boolean {
    const known = places.get(name);
    const joined = known === undefined ? place : join(known, place);
    if (known !== undefined && joined.block === known.block && joined.index === known.index) return false;
    places.set(name, joined);
    return true;
  }

  function placeOf(group: readonly Unit[]): Place | undefined {
    const needed = group.flatMap(({ defines }) => defines.flatMap((name) => places.get(name) ?? []));
    // What has to run at every call stands at the head.
    if (group.some(({ defines }) => defines.length === 0)) return { block: root, index: 0 };
    return needed.length === 0 ? undefined : needed.reduce(join);
  }
}

/** Parts of one module that share a local of it are kept together: such a local is seen in its block only. */
function groupsOf(units: readonly Unit[]): Unit[][] {
  let groups: Unit[][] = [];
  for (const unit of units) {
    const isKin = (group: readonly Unit[]): boolean => group.some((other) => areKin(unit, other));
    const kin = groups.filter(isKin).flat();
    groups = [...groups.filter((group) => !isKin(group)), [...kin, unit]];
  }
  return groups;
}

function areKin(a: Unit, b: Unit): boolean {
  if (a.module !== b.module) return false;
  const isInner = (name: string): boolean => name.startsWith(`${a.module.identifier}:`);
  const shares = (by: Unit, from: Unit): boolean =>
    by.defines.length === 0 || by.defines.some((name) => isInner(name) && from.needs.has(name));
  return shares(a, b) || shares(b, a);
}

function join(a: Place, b: Place): Place {
  const above = new Map(wayUp(a).map((place) => [place.block, place]));
  const common = wayUp(b).find(({ block }) => above.has(block))!;
  const other = above.get(common.block)!;
  return { block: common.block, index: Math.min(common.index, other.index) };
}

function wayUp(place: Place): Place[] {
  const way = [place];
  for (let { parent } = place.block; parent !== undefined; { parent } = parent.block) way.push(parent);
  return way;
}

function branchesOf(statement: Statement): readonly (readonly Statement[])[] {
  if (statement.type === 'IfStatement') return statement.clauses.map(({ body }) => body);
  return statement.type === 'DoStatement' ? [statement.body] : [];
}

function conditionsOf(statement: Statement): readonly Node[] {
  if (statement.type !== 'IfStatement') return [];
  return statement.clauses.flatMap((clause) => ('condition' in clause ? [clause.condition] : []));
}
