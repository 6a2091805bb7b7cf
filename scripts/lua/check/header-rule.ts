import type { TableConstructorExpression } from 'luaparse';

import type { Problems } from '../source/problems.js';
import type { LuaFile } from '../source/lua-file.js';
import type { Facts, NameUse, World } from './facts.js';
import { lineOf, literalText, walk } from '../source/syntax.js';

/** The header and the code say the same: what is declared is used, and what is used is declared. */
export function checkHeader(facts: Facts, world: World, problems: Problems): void {
  checkKeys(facts, problems);
  checkUse(facts, problems);
  if (facts.file.kind === 'command') checkReplies(facts, world, problems);
}

function checkKeys({ file, members, reads }: Facts, problems: Problems): void {
  const uses = members.filter(({ base }) => base === 'k');
  const declared = new Set(file.header.keys.map(({ name }) => name));
  for (const { name, line } of uses) {
    if (!declared.has(name))
      problems.add(file.path, line, `k.${name} is not declared in this file. Add "@key ${name} suffix type".`);
  }
  for (const { name, line } of file.header.keys) {
    if (uses.some((use) => use.name === name)) continue;
    problems.add(
      file.path,
      line,
      `@key ${name} is never used in this file. Remove it: a module's keys are declared in the module.`,
    );
  }
  for (const { name, line } of reads) {
    if (name === 'k')
      problems.add(
        file.path,
        line,
        'k is used as a value. Write k.name, so that the keys a file touches can be read off.',
      );
  }
}

function checkUse({ file, reads, writes, members }: Facts, problems: Problems): void {
  const used = new Set([...reads, ...writes].map(({ name }) => name));
  for (const { base } of members) used.add(base);
  const unused = (what: string, line: number): void =>
    problems.add(file.path, line, `${what} is never used in this file. Remove it.`);
  for (const { name, line } of file.header.requires) {
    if (!used.has(name.replaceAll('-', '_'))) unused(`@require ${name}`, line);
  }
  for (const { name, line } of file.header.args) if (!used.has(name)) unused(`@arg ${name}`, line);
  const { rest } = file.header;
  if (rest !== undefined && !used.has('REST')) unused(`REST, where @rest ${rest.name} begins,`, rest.line);
}

function checkReplies(facts: Facts, world: World, problems: Problems): void {
  const { file } = facts;
  const literals = new Set([facts, ...requiredFacts(file, world)].flatMap((each) => [...each.literals]));
  const declared = new Set(file.header.replies.map(({ code }) => code));
  for (const { code, fields, line } of file.header.replies) {
    // A string alone is `OK` with that as its one value.
    const isBare = code === 'OK' && fields.length === 1;
    if (!isBare && !literals.has(code))
      problems.add(file.path, line, `@reply ${code} is given nowhere. Return { '${code}', … }, or remove it.`);
  }
  for (const { name, line } of returnedCodes(facts)) {
    if (!declared.has(name))
      problems.add(file.path, line, `reply ${name} is not declared. Add "@reply ${name} field:type".`);
  }
}

/** The facts of all modules that a file reaches through @require. */
function requiredFacts(file: LuaFile, world: World, seen = new Set<Facts>()): Set<Facts> {
  for (const { name } of file.header.requires) {
    const module = world.modules.get(name.replaceAll('-', '_'));
    if (module === undefined || seen.has(module)) continue;
    seen.add(module);
    requiredFacts(module.file, world, seen);
  }
  return seen;
}

/** Codes of the `return { 'CODE', … }` statements of the command itself; its inner functions return what they like. */
function returnedCodes({ file }: Facts): NameUse[] {
  const codes: NameUse[] = [];
  walk(file.chunk, (node) => {
    if (node.type === 'FunctionDeclaration') return false;
    if (node.type !== 'ReturnStatement') return true;
    const [value] = node.arguments;
    const code = value?.type === 'TableConstructorExpression' ? firstLiteral(value) : undefined;
    if (code !== undefined && /^[A-Z][A-Z0-9_]*$/.test(code)) codes.push({ name: code, line: lineOf(node) });
    return false;
  });
  return codes;
}

function firstLiteral({ fields: [first] }: TableConstructorExpression): string | undefined {
  return first?.type === 'TableValue' ? literalText(first.value) : undefined;
}
