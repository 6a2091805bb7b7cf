import { rewrite, written, type ComposedLine, type Surroundings } from './rewrite.js';
import { membersOf, type Unit } from './units.js';

/**
 * Members of the table `fn`, each built when it is first asked for, with all that shares a local with it. It is found by its
 * length, then by its name: 30 comparisons among 270, most of them of numbers.
 */
export function loaderLines(groups: readonly (readonly Unit[])[], surroundings: Surroundings): ComposedLine[] {
  if (groups.length === 0) return [];
  const parts = groups.map((group, index) => ({ from: index + 1, lines: linesOf(group, surroundings) }));
  return [
    ...written('local fn = {}', 'function fn.__index(_, name)', 'local length, part = #name, 0'),
    ...halved('length', byLength(groups)),
    ...written('if part == 0 then return nil end'),
    ...halved('part', parts),
    ...written('return rawget(fn, name)', 'end', 'setmetatable(fn, fn)'),
  ];
}

/** What is to be done from some value of a variable on. */
interface Case {
  readonly from: number;
  readonly lines: readonly ComposedLine[];
}

/** Chooses among cases in order of their values. */
function halved(variable: string, cases: readonly Case[]): ComposedLine[] {
  if (cases.length === 1) return [...cases[0]!.lines];
  const middle = Math.ceil(cases.length / 2);
  return [
    ...written(`if ${variable} < ${cases[middle]!.from} then`),
    ...halved(variable, cases.slice(0, middle)),
    ...written('else'),
    ...halved(variable, cases.slice(middle)),
    ...written('end'),
  ];
}

/** The number of the part that each member is in. */
function byLength(groups: readonly (readonly Unit[])[]): Case[] {
  const lists = new Map<number, string[]>();
  groups.forEach((group, index) => {
    for (const name of new Set(group.flatMap(membersOf))) {
      const list = lists.get(name.length) ?? [];
      list.push(`${list.length === 0 ? 'if' : 'elseif'} name == '${name}' then part = ${index + 1}`);
      lists.set(name.length, list);
    }
  });
  return [...lists].sort(([a], [b]) => a - b).map(([from, list]) => ({ from, lines: written(...list, 'end') }));
}

function linesOf(group: readonly Unit[], surroundings: Surroundings): ComposedLine[] {
  return rewrite(
    group[0]!.module,
    group.map(({ statement }) => statement),
    surroundings,
  );
}
