import luaparse from 'luaparse';
import type { Chunk, Expression, Identifier, Node } from 'luaparse';

/**
 * Parses Lua 5.1, which is what Redis runs.
 *
 * @param report called with the line and the message when the syntax is wrong; there is no chunk then
 */
export function parseLua(code: string, report: (line: number, message: string) => void): Chunk | undefined {
  try {
    return luaparse.parse(code, {
      luaVersion: '5.1',
      comments: false,
      scope: true,
      locations: true,
      ranges: true,
      encodingMode: 'none',
    });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { line = 0 } = error as SyntaxError & { line?: number };
    report(line, `Lua 5.1 cannot read this: ${error.message.replace(/^\[[\d:]+\]\s*/, '')}.`);
    return undefined;
  }
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

/** 1-based. */
export function lineOf(node: Node): number {
  return node.loc?.start.line ?? 0;
}

/** Where a node stands in the text: from its first character to the one after its last. */
export function rangeOf(node: Node): readonly [number, number] {
  const { range } = node as Node & { range?: readonly [number, number] };
  if (range === undefined) throw new Error(`A ${node.type} has no range: it was not parsed by parseLua().`);
  return range;
}

/** True for a name that no local, parameter or loop variable of the file declares. */
export function isFree(node: Identifier): boolean {
  return (node as Identifier & { isLocal?: boolean }).isLocal === false;
}

/** The text of a string literal; undefined for every other expression. */
export function literalText(node: Expression | undefined): string | undefined {
  if (node?.type !== 'StringLiteral') return undefined;
  const long = /^\[(=*)\[(.*)\]\1\]$/s.exec(node.raw);
  return long === null ? node.raw.slice(1, -1) : long[2];
}

/** `redis.call` as a pair; undefined for what is no `name.member`. */
export function memberOf(node: Node): { base: Identifier; name: string; line: number } | undefined {
  if (node.type !== 'MemberExpression' || node.base.type !== 'Identifier') return undefined;
  return { base: node.base, name: node.identifier.name, line: lineOf(node) };
}
