import type { Statement } from 'luaparse';

import type { LuaFile } from '../source/lua-file.js';
import { conditionsOf, neededNames, type Unit } from './units.js';

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

/** Where the parts of its modules are built in a composed script. */
export interface Placing {
  /** Before which statement of the command: parts that are locals. */
  readonly before: ReadonlyMap<Statement, readonly Unit[]>;
  /** When they are first used: lists of parts that are built together. */
  readonly late: readonly (readonly Unit[])[];
  /** The statement before all uses of those. */
  readonly lateFrom: Statement;
}

/** What is known of the uses of a name. */
interface Uses {
  /** Before all of them. */
  readonly place: Place;
  /** Whether every call of the command that comes that far comes to one of them. */
  readonly isSure: boolean;
  /** Whether one is in a branch of a function, or of something that is built late itself. */
  readonly isRare: boolean;
}

type When = 'at once' | 'in a branch' | 'late';

/**
 * Where the parts of its modules stand in a command. What every call uses: right before the statement that is the first to
 * reach it. What one branch of the command alone uses: in it. All else is built when a call first comes to use it: a short call
 * of `exchange` uses 30 of the 270 functions that it may come to, and building the others was two thirds of its time.
 */
export function placeUnits(command: LuaFile, units: readonly Unit[], modules: ReadonlyMap<string, LuaFile>): Placing {
  const root: Block = { statements: command.chunk.body };
  const uses = new Map<string, Uses>();
  findUses(root);
  const groups = groupsOf(units);
  const groupOf = new Map(groups.flatMap((group) => group.map((unit) => [unit, group] as const)));
  // Refusals above all: each is built as fast as the function that would build it late.
  const tiny = new Set(units.filter(isTiny).flatMap(({ defines }) => defines));
  for (let moved = true; moved;) {
    moved = false;
    for (const unit of groups.flat()) moved = spread(unit) || moved;
  }
  const before = new Map<Statement, Unit[]>();
  for (const unit of units) {
    const group = groupOf.get(unit)!;
    if (whenOf(group) === 'late') continue;
    const { block, index } = placeOf(group);
    const statement = block.statements[index]!;
    before.set(statement, [...(before.get(statement) ?? []), unit]);
  }
  const late = groups.filter((group) => whenOf(group) === 'late');
  const { block, index } = late.map(placeOf).reduce(join, { block: root, index: root.statements.length - 1 });
  return { before, late, lateFrom: block.statements[index]! };

  function findUses(block: Block): void {
    block.statements.forEach((statement, index) => {
      const place = { block, index };
      const branches = branchesOf(statement);
      for (const statements of branches) if (statements.length > 0) findUses({ statements, parent: place });
      const own = branches.length === 0 ? [statement] : conditionsOf(statement);
      for (const node of own) for (const name of neededNames(node, command, modules)) use(name, place, true);
    });
  }

  /** Notes that a name is needed there; true if that is news. */
  function use(name: string, at: Place, isSure: boolean): boolean {
    const known = uses.get(name);
    const place = known === undefined ? at : join(known.place, at);
    const now: Uses = {
      place,
      isSure: (known?.isSure ?? false) || (isSure && at.block === root),
      isRare: (known?.isRare ?? false) || !isSure,
    };
    uses.set(name, now);
    return (
      known?.place.block !== place.block ||
      known.place.index !== place.index ||
      known.isSure !== now.isSure ||
      known.isRare !== now.isRare
    );
  }

  /** Notes what a part needs where it is used itself; true if that is news. */
  function spread(unit: Unit): boolean {
    const group = groupOf.get(unit)!;
    const place = placeOf(group);
    // One that is built for the sake of another is not sure to run.
    const when = whenOf([unit]);
    const isSure = when !== 'late' && when === whenOf(group);
    let isNews = false;
    for (const name of unit.needs) {
      isNews = use(name, place, isSure && (unit.surely.has(name) || tiny.has(name))) || isNews;
    }
    return isNews;
  }

  function whenOf(group: readonly Unit[]): When {
    // What has to run at every call stands at the head.
    if (group.some(({ defines }) => defines.length === 0)) return 'at once';
    const known = group.flatMap(({ defines }) => defines.flatMap((name) => uses.get(name) ?? []));
    if (known.some(({ isSure }) => isSure)) return 'at once';
    if (known.length === 0 || known.some(({ isRare }) => isRare)) return 'late';
    return placeOf(group).block === root ? 'late' : 'in a branch';
  }

  function placeOf(group: readonly Unit[]): Place {
    if (group.some(({ defines }) => defines.length === 0)) return { block: root, index: 0 };
    const places = group.flatMap(({ defines }) => defines.flatMap((name) => uses.get(name)?.place ?? []));
    return places.length === 0 ? { block: root, index: root.statements.length - 1 } : places.reduce(join);
  }
}

function isTiny({ statement: { type, loc } }: Unit): boolean {
  return type === 'FunctionDeclaration' && loc?.start.line === loc?.end.line;
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
