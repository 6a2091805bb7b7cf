import type { ArgTag, Header, KeyTag } from '../source/header.js';
import type { LuaFile } from '../source/lua-file.js';
import type { Problems } from '../source/problems.js';

/** The shebang line, if the command has one: its flags tell Redis what to refuse. */
export function shebang(header: Header): string[] {
  if (header.repeat === 'read') return ['#!lua flags=no-writes'];
  return header.oom === 'allow' ? ['#!lua flags=allow-oom'] : [];
}

/** A key has one name, one suffix and one type in all files of a command. */
export function checkKeysAgree(files: readonly LuaFile[], problems: Problems): void {
  const keys = new Map<string, { key: KeyTag; path: string }>();
  for (const { path, header } of files) {
    for (const key of header.keys) {
      const first = keys.get(key.name);
      if (first === undefined) keys.set(key.name, { key, path });
      else if (first.key.suffix !== key.suffix || first.key.type !== key.type) {
        const other = `"${first.key.pattern} ${first.key.type}" in ${first.path}`;
        problems.add(
          path,
          key.line,
          `@key ${key.name} is "${key.pattern} ${key.type}" here and ${other}. Make them equal.`,
        );
      }
    }
  }
}

/** One local an argument. From the first list on, places in ARGV depend on what was sent and are counted as we go. */
export function argumentLocals({ args, rest }: Header): string[] {
  const firstList = args.findIndex((arg) => arg.type === 'list');
  const fixed = firstList < 0 ? args : args.slice(0, firstList);
  const names = ['now_arg', ...fixed.map((arg) => arg.name)];
  const values = ['ARGV[1]', ...fixed.map((arg, index) => valueAt(arg, String(index + 2)))];
  const lines = [`local ${names.join(', ')} = ${values.join(', ')}`];
  if (firstList >= 0) lines.push(...countedLocals(args.slice(firstList), fixed.length + 2, rest !== undefined));
  else if (rest !== undefined) lines.push(`local REST = ${fixed.length + 2}`);
  return lines;
}

function countedLocals(args: readonly ArgTag[], start: number, hasRest: boolean): string[] {
  const names = [...args.map((arg) => arg.name), ...(hasRest ? ['REST'] : [])];
  const lines = [`local ${names.join(', ')}`, 'do', `local argv_at = ${start}`];
  for (const arg of args) {
    if (arg.type === 'list') {
      lines.push(
        `local argv_count = tonumber(ARGV[argv_at])`,
        `${arg.name} = {}`,
        `for argv_item = 1, argv_count do ${arg.name}[argv_item] = ARGV[argv_at + argv_item] end`,
        `argv_at = argv_at + argv_count + 1`,
      );
    } else {
      lines.push(`${arg.name} = ${valueAt(arg, 'argv_at')}`, 'argv_at = argv_at + 1');
    }
  }
  if (hasRest) lines.push('REST = argv_at');
  return [...lines, 'end'];
}

function valueAt(arg: ArgTag, place: string): string {
  return arg.type === 'int' ? `tonumber(ARGV[${place}])` : `ARGV[${place}]`;
}
