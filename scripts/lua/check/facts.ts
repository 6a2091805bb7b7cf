import type { Expression, Node } from 'luaparse';

import type { LuaFile } from '../source/lua-file.js';
import type { LuaTree } from '../source/tree.js';
import { isFree, lineOf, literalText, memberOf, walk } from '../source/syntax.js';

export interface NameUse {
  readonly name: string;
  readonly line: number;
}

/** `base.name`, where the base is a name that the file did not declare. */
export interface MemberUse extends NameUse {
  readonly base: string;
}

export interface RedisCall {
  readonly line: number;
  /** Upper case; undefined when it is computed. */
  readonly command: string | undefined;
  /** What follows the command's name. */
  readonly args: readonly Expression[];
}

/** What the rules need to know of one file. */
export interface Facts {
  readonly file: LuaFile;
  readonly reads: NameUse[];
  readonly writes: NameUse[];
  readonly members: MemberUse[];
  readonly memberWrites: MemberUse[];
  /** A module's uses of its own table. */
  readonly ownMembers: NameUse[];
  readonly declared: NameUse[];
  readonly calls: RedisCall[];
  readonly literals: Set<string>;
  /** Members that a module defines on its own table. */
  readonly exports: Set<string>;
}

export function gatherFacts(file: LuaFile): Facts {
  const facts: Facts = {
    file,
    reads: [],
    writes: [],
    members: [],
    memberWrites: [],
    ownMembers: [],
    declared: [],
    calls: [],
    literals: new Set(),
    exports: new Set(),
  };
  walk(file.chunk, (node) => visit(node, facts));
  return facts;
}

function visit(node: Node, facts: Facts): boolean | void {
  switch (node.type) {
    case 'Identifier':
      if (isFree(node)) facts.reads.push({ name: node.name, line: lineOf(node) });
      return;
    case 'StringLiteral':
      facts.literals.add(literalText(node) ?? '');
      return;
    case 'MemberExpression':
      return visitMember(node, facts.members, facts);
    case 'CallExpression':
    case 'StringCallExpression':
    case 'TableCallExpression':
      return visitCall(node, facts);
    case 'AssignmentStatement':
      for (const target of node.variables) visitTarget(target, facts);
      for (const value of node.init) walk(value, (child) => visit(child, facts));
      return false;
    case 'FunctionDeclaration':
      declare(node.parameters, facts);
      if (node.identifier === null) return;
      visitTarget(node.identifier, facts);
      for (const statement of node.body) walk(statement, (child) => visit(child, facts));
      return false;
    case 'LocalStatement':
    case 'ForGenericStatement':
      return declare(node.variables, facts);
    case 'ForNumericStatement':
      return declare([node.variable], facts);
    default:
      return;
  }
}

/** A member of a free name, or of the module's own table, is one fact; anything else is looked at piece by piece. */
function visitMember(node: Node, into: MemberUse[], facts: Facts): boolean | void {
  const member = memberOf(node);
  if (member === undefined) return;
  const { base, name, line } = member;
  if (isFree(base)) into.push({ base: base.name, name, line });
  else if (isOwnTable(base.name, facts)) facts.ownMembers.push({ name, line });
  return false;
}

function isOwnTable(name: string, { file }: Facts): boolean {
  return file.kind === 'module' && name === file.identifier;
}

function visitTarget(target: Node, facts: Facts): void {
  const member = memberOf(target);
  if (member !== undefined && isOwnTable(member.base.name, facts)) {
    facts.exports.add(member.name);
  } else if (member !== undefined) {
    visitMember(target, facts.memberWrites, facts);
  } else if (target.type === 'Identifier') {
    if (isFree(target)) facts.writes.push({ name: target.name, line: lineOf(target) });
  } else {
    walk(target, (child) => visit(child, facts));
  }
}

function visitCall(node: Node, facts: Facts): boolean | void {
  const call = redisCall(node);
  if (call === undefined) return;
  facts.calls.push(call);
  for (const value of call.args) walk(value, (child) => visit(child, facts));
  return false;
}

/** The Redis command that a node calls, if it is `redis.call(…)` or `redis.pcall(…)`. */
export function redisCall(node: Node): RedisCall | undefined {
  const args = callArguments(node);
  if (args === undefined || !('base' in node)) return undefined;
  const member = memberOf(node.base);
  if (member?.base.name !== 'redis' || (member.name !== 'call' && member.name !== 'pcall')) return undefined;
  return { line: lineOf(node), command: literalText(args[0])?.toUpperCase(), args: args.slice(1) };
}

function callArguments(node: Node): readonly Expression[] | undefined {
  if (node.type === 'CallExpression') return node.arguments;
  if (node.type === 'StringCallExpression') return [node.argument];
  return node.type === 'TableCallExpression' ? [node.arguments] : undefined;
}

function declare(nodes: readonly Node[], facts: Facts): void {
  for (const node of nodes) {
    if (node.type === 'Identifier') facts.declared.push({ name: node.name, line: lineOf(node) });
  }
}

/** All sources, and the facts of those that others may use. */
export interface World {
  readonly tree: LuaTree;
  /** By the module's name in Lua. */
  readonly modules: ReadonlyMap<string, Facts>;
}
