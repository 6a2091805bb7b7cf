import { COMPOSED_NAMES, didYouMean, LUA_GLOBALS } from '../source/names.js';
import type { Problems } from '../source/problems.js';
import { lineOf } from '../source/syntax.js';
import type { LuaTree } from '../source/tree.js';
import type { Facts, NameUse, World } from './facts.js';

/** The one module that may let all keys be those of another queue. */
const ELSEWHERE = 'elsewhere';

type Report = (line: number, message: string) => void;

/** Every free name is one that Redis or the composer provides, and none of them is written or hidden. */
export function checkNames(facts: Facts, { tree }: World, problems: Problems): void {
  const { file } = facts;
  const modules = new Set(file.header.requires.map(({ name }) => name.replaceAll('-', '_')));
  const report: Report = (line, message) => problems.add(file.path, line, message);
  checkReads(facts, modules, tree, report);
  checkWrites(facts, modules, report);
  checkHidden(facts, modules, report);
}

function checkReads(facts: Facts, modules: ReadonlySet<string>, tree: LuaTree, report: Report): void {
  const known = knownNames(facts, modules);
  for (const use of [...facts.reads, ...facts.members.map(({ base, line }) => ({ name: base, line }))]) {
    if (!known.has(use.name)) report(use.line, unknownName(use, facts, tree, known));
  }
  for (const { name, line } of facts.reads) {
    if (modules.has(name))
      report(line, `module "${name}" is used as a value. Write ${name}.member: it is no table at run time.`);
  }
}

function checkWrites(facts: Facts, modules: ReadonlySet<string>, report: Report): void {
  const args = new Set(facts.file.header.args.map(({ name }) => name));
  for (const { name, line } of facts.writes) {
    if (name === 'base' && isElsewhere(facts)) continue;
    const provided = LUA_GLOBALS.has(name) || COMPOSED_NAMES.has(name) || modules.has(name);
    if (provided) report(line, `"${name}" is written. Use a local of another name.`);
    else if (!args.has(name)) report(line, `"${name}" is a global. Declare it with "local".`);
  }
  for (const { base, name, line } of facts.memberWrites) {
    report(line, `${base}.${name} is written. Only a module's own file may add to its table; keep state in a local.`);
  }
}

function checkHidden({ file, declared }: Facts, modules: ReadonlySet<string>, report: Report): void {
  const head = file.chunk.body[0];
  for (const { name, line } of file.header.args) {
    if (modules.has(name)) report(line, `@arg ${name} has the name of a module that is required. Rename the argument.`);
  }
  for (const { name, line } of declared) {
    const hidesOwn = file.kind === 'module' && name === file.identifier && line !== (head && lineOf(head));
    if (name === 'k' || modules.has(name) || hidesOwn)
      report(line, `local "${name}" hides the module or table of that name. Rename it.`);
  }
}

function isElsewhere({ file }: Facts): boolean {
  return file.kind === 'module' && file.name === ELSEWHERE;
}

function knownNames(facts: Facts, modules: ReadonlySet<string>): Set<string> {
  const { file } = facts;
  const known = new Set([...LUA_GLOBALS, ...modules, 'k']);
  known.delete('KEYS');
  known.delete('cjson');
  if (isElsewhere(facts)) known.add('base');
  if (file.kind === 'module' || file.header.rest === undefined) known.delete('ARGV');
  if (file.kind === 'command') {
    for (const { name } of file.header.args) known.add(name);
    known.add('now_arg');
    if (file.header.rest !== undefined) known.add('REST');
  }
  return known;
}

function unknownName({ name }: NameUse, { file }: Facts, tree: LuaTree, known: ReadonlySet<string>): string {
  const isCommand = file.kind === 'command';
  if (name === 'KEYS' || name === 'base')
    return `"${name}" builds keys by hand. Declare the key with @key (suffix "." is the given key itself) and write k.name.`;
  if (name === 'cjson')
    return 'cjson is forbidden: payloads are opaque to Lua, and it loses numbers. Use fields or string.format.';
  if (name === 'ARGV' && !isCommand) return 'ARGV in a module. Let the command read it and pass values.';
  if (name === 'ARGV') return 'ARGV without @rest. Declare each argument with @arg and use it by name.';
  if (name === 'REST' && isCommand) return 'REST without @rest. Declare "@rest name field, field".';
  if (name === 'now_arg') return 'now_arg is known to commands only. Let the command pass the time.';
  if (name === file.header.rest?.name) return `"${name}" is @rest, no local. Read ARGV from index REST on.`;
  const module = [...tree.modules.values()].find(({ identifier }) => identifier === name);
  if (module !== undefined) return `module "${name}" is not required here. Add ${module.name} to @require.`;
  return `"${name}" is neither local nor known.${didYouMean(name, known)} Declare it, or pass it in with @arg.`;
}
