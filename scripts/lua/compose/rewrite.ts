import type { Node } from 'luaparse';

import type { LuaFile } from '../source/lua-file.js';
import { isFree, memberOf, rangeOf, walk } from '../source/syntax.js';
import { exportName } from './units.js';

/** A line of the composed script. Lines that the composer wrote have no origin. */
export interface ComposedLine {
  readonly text: string;
  readonly origin?: { readonly path: string; readonly line: number };
}

/** Where lines of another file are put in between: no source has these characters. */
const MARK = '\u0001';
const MARK_END = '\u0002';

/** Lines that stand in no source. */
export function written(...texts: readonly string[]): ComposedLine[] {
  return texts.map((text) => ({ text }));
}

/** What a file is rewritten among. */
export interface Surroundings {
  readonly modules: ReadonlyMap<string, LuaFile>;
  /** Whether a member, by its name in the script, is built when it is first used. */
  readonly isLate: (name: string) => boolean;
  /** Lines to put before statements, at whatever depth. */
  readonly before?: ReadonlyMap<Node, readonly ComposedLine[]>;
}

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/**
 * The lines of some statements of a file, as they stand in the composed script: `k.jobs` is the expression that builds the
 * key, so that a script builds only the keys that it comes to use; a member of a module is a local, which is cheaper than a
 * table's field, or one of the table of those that are built late.
 */
export function rewrite(
  file: LuaFile,
  statements: readonly Node[],
  { modules, isLate, before }: Surroundings,
): ComposedLine[] {
  const suffixes = new Map(file.header.keys.map(({ name, suffix }) => [name, suffix]));
  const lines: ComposedLine[] = [];
  const insertions: (readonly ComposedLine[])[] = [];
  for (const statement of statements) {
    const [from, to] = rangeOf(statement);
    let line = file.code.slice(0, from).split('\n').length;
    const [head = '', ...parts] = apply(file.code.slice(from, to), editsOf(statement, from)).split(MARK);
    push(head, line);
    line += head.split('\n').length - 1;
    for (const part of parts) {
      const at = part.indexOf(MARK_END);
      lines.push(...insertions[Number(part.slice(0, at))]!);
      push(part.slice(at + 1), line);
      line += part.split('\n').length - 1;
    }
  }
  return lines;

  function push(code: string, line: number): void {
    code.split('\n').forEach((text, index) => {
      if (text !== '') lines.push({ text, origin: { path: file.path, line: line + index } });
    });
  }

  function editsOf(statement: Node, offset: number): Edit[] {
    const edits: Edit[] = [];
    const unbracketed = new Set<Node>();
    const numbers = new Set<Node>();
    walk(statement, (node) => {
      const inserted = before?.get(node);
      if (inserted !== undefined) {
        const at = rangeOf(node)[0] - offset;
        edits.push({ from: at, to: at, text: `${MARK}${insertions.push(inserted) - 1}${MARK_END}` });
      }
      for (const child of unambiguous(node)) unbracketed.add(child);
      for (const child of sentNumbers(node)) numbers.add(child);
      const text = numbers.has(node) ? `'${textOf(node)}'` : replacement(node, unbracketed.has(node));
      if (text === undefined) return true;
      const [from, to] = rangeOf(node);
      edits.push({ from: from - offset, to: to - offset, text });
      return false;
    });
    return edits;
  }

  function textOf(node: Node): string {
    return file.code.slice(...rangeOf(node));
  }

  function replacement(node: Node, isUnbracketed: boolean): string | undefined {
    const member = memberOf(node);
    if (member === undefined) return undefined;
    const { base, name } = member;
    if (!isFree(base)) return isOwnTable(base.name) ? memberText(file, name) : undefined;
    const module = modules.get(base.name);
    if (module !== undefined) return memberText(module, name);
    const suffix = base.name === 'k' ? suffixes.get(name) : undefined;
    return suffix === undefined ? undefined : placed(keyExpression(suffix), isUnbracketed);
  }

  function memberText(module: LuaFile, member: string): string {
    const name = exportName(module, member);
    return isLate(name) ? `fn.${name}` : name;
  }

  function isOwnTable(name: string): boolean {
    return file.kind === 'module' && name === file.identifier;
  }
}

/** What `k.name` becomes. A suffix that begins with `^` is that of a key which all queues of the slot share. */
export function keyExpression(suffix: string): string {
  if (suffix.startsWith('^')) return `string.match(base, '^.-}') .. ':${suffix.slice(1)}'`;
  return suffix === '' ? 'base' : `base .. ':${suffix}'`;
}

/**
 * Parts of a node that need no brackets round a concatenation. In a longer concatenation they would cost something:
 * `base .. ':h:' .. epoch` is one for Lua, `(base .. ':h:') .. epoch` two.
 */
function unambiguous(node: Node): readonly Node[] {
  if (node.type === 'BinaryExpression' && node.operator === '..') return [node.left, node.right];
  if (node.type === 'CallExpression') return node.arguments;
  return node.type === 'LocalStatement' ? node.init : [];
}

/** Whole numbers among the arguments of a Redis command: Redis makes text of them, which costs it as much as half a command. */
function sentNumbers(node: Node): readonly Node[] {
  if (node.type !== 'CallExpression' || memberOf(node.base)?.base.name !== 'redis') return [];
  return node.arguments.filter((argument) =>
    isWhole(argument.type === 'UnaryExpression' ? argument.argument : argument),
  );
}

function isWhole(node: Node): boolean {
  return node.type === 'NumericLiteral' && /^\d+$/.test(node.raw);
}

function placed(expression: string, isUnbracketed: boolean): string {
  return isUnbracketed || !expression.includes(' ') ? expression : `(${expression})`;
}

function apply(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const { from, to, text: replaced } of [...edits].sort((a, b) => a.from - b.from)) {
    result += text.slice(at, from) + replaced;
    at = to;
  }
  return result + text.slice(at);
}
