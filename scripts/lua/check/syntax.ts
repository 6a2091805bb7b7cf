import luaparse from 'luaparse';
import type { Chunk, Expression, Identifier, Node } from 'luaparse';

import type { LuaFile } from '../source/lua-file.js';
import type { Problems } from '../source/problems.js';
import type { CodeLine } from '../source/strip.js';

/**
 * Parses the code of a file as Lua 5.1, which is what Redis runs. Lines keep the numbers they have in the file.
 *
 * @returns undefined when the syntax is wrong; the fault is in `problems` then
 */
export function parseCode(file: LuaFile, problems: Problems): Chunk | undefined {
  try {
    return luaparse.parse(atOwnLines(file.code), {
      luaVersion: '5.1',
      comments: false,
      scope: true,
      locations: true,
      encodingMode: 'none',
    });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { line = 0 } = error as SyntaxError & { line?: number };
    problems.add(file.path, line, `Lua 5.1 cannot read this: ${error.message.replace(/^\[[\d:]+\]\s*/, '')}.`);
    return undefined;
  }
}

function atOwnLines(code: readonly CodeLine[]): string {
  const lines: string[] = [];
  for (const { text, line } of code) lines[line - 1] = text;
  return Array.from(lines, (text) => text ?? '').join('\n');
}

/** Visits a node and all below it, parents first. A visitor that returns false is not shown what is below. */
export function walk(node: Node, visit: (node: Node) => boolean | void): void {
  if (visit(node) === false) return;
  for (const [field, value] of Object.entries(node)) {
    // luaparse keeps a list of a chunk's globals beside its body: each is in the body already.
    if (field === 'globals') continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, visit);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

export function lineOf(node: Node): number {
  return node.loc?.start.line ?? 0;
}

/** True for a name that no local, parameter or loop variable of the file declares. */
export function isFree(node: Identifier): boolean {
  return (node as Identifier & { isLocal?: boolean }).isLocal === false;
}

/** The text of a string literal; undefined for every other expression. */
export function literalText(node: Expression | undefined): string | undefined {
  if (node?.type !== 'StringLiteral') return undefined;
  return node.raw.replace(
    /^(['"])(.*)\1$|^\[(=*)\[(.*)\]\3\]$/s,
    (_, _quote, short?: string, _level?: string, long?: string) => short ?? long ?? '',
  );
}

/** `redis.call` as a pair; undefined for what is no `name.member`. */
export function memberOf(node: Node): { base: Identifier; name: string; line: number } | undefined {
  if (node.type !== 'MemberExpression' || node.base.type !== 'Identifier') return undefined;
  return { base: node.base, name: node.identifier.name, line: lineOf(node) };
}
