import type { LuaFile } from '../source/lua-file.js';
import { LUA_GLOBALS } from '../source/names.js';
import type { Problems } from '../source/problems.js';
import { isFree, lineOf, memberOf, parseLua, walk } from '../source/syntax.js';
import type { ComposedLine } from './rewrite.js';
import type { Unit } from './units.js';

/**
 * A composed script is Lua, and every name in it is a local or one that Redis provides. Redis itself would load it either
 * way, and fail when the line runs.
 */
export function verifyComposed(
  command: LuaFile,
  units: readonly Unit[],
  lines: readonly ComposedLine[],
  problems: Problems,
): void {
  const report = (line: number, message: string): void => {
    const { path, line: at } = lines[line - 1]?.origin ?? { path: command.path, line: 0 };
    if (!problems.has(path, at)) problems.add(path, at, `${message} (found when composing ${command.name})`);
  };
  const code = lines.map(({ text }) => (text.startsWith('#!') ? '' : text)).join('\n');
  const chunk = parseLua(code, report);
  if (chunk === undefined) return;
  const defined = new Set(['__index', ...units.flatMap(({ defines }) => defines)]);
  walk(chunk, (node) => {
    const member = memberOf(node);
    if (member?.base.name === 'fn' && !defined.has(member.name)) report(member.line, unknown(member.name));
    if (node.type !== 'Identifier' || !isFree(node) || LUA_GLOBALS.has(node.name)) return;
    report(lineOf(node), unknown(node.name));
  });
}

function unknown(name: string): string {
  return `"${name.replace('__', '.')}" is not known here.${advice(name)}`;
}

function advice(name: string): string {
  if (name.includes('__')) return ' Define it in the module, by a statement of its own.';
  if (name === 'k') return ' Write k.name, with a name that this file declares with @key.';
  return ' Declare it, add its module to @require, or pass it in with @arg.';
}
