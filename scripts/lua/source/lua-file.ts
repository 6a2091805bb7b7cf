import type { Chunk } from 'luaparse';

import type { Header } from './header.js';
import { camelCase, isLuaIdentifier, isReservedInTypeScript } from './names.js';
import { parseHeader, type SourceKind } from './parse-header.js';
import type { Problems } from './problems.js';
import { stripLua } from './strip.js';
import { parseLua } from './syntax.js';

/** One command or module, read. */
export interface LuaFile {
  /** Path from the root of the repository. */
  readonly path: string;
  readonly kind: SourceKind;
  /** File name without `.lua`. */
  readonly name: string;
  /** The name in Lua: `put-back` → `put_back`. */
  readonly identifier: string;
  readonly header: Header;
  /** How many lines the file has, header and comments included. */
  readonly lineCount: number;
  /** The text without header, comments and indentation; every line keeps its number. */
  readonly code: string;
  readonly chunk: Chunk;
}

/**
 * Reads one source text. Faults go to `problems`.
 *
 * @returns undefined when the syntax is wrong
 */
export function readLua(path: string, kind: SourceKind, text: string, problems: Problems): LuaFile | undefined {
  const report = (line: number, message: string): void => problems.add(path, line, message);
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.lua$/, '');
  const identifier = name.replaceAll('-', '_');
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || !isLuaIdentifier(identifier)) {
    report(0, 'the file name must be lower case with dashes, as in "put-back.lua". Rename it.');
  } else if (kind === 'command' && isReservedInTypeScript(camelCase(name))) {
    report(0, `"${name}" is a reserved word in TypeScript. Rename the command.`);
  }
  if (text.startsWith('#!')) {
    report(1, 'a shebang line. Remove it: the composer writes it from @repeat and @oom.');
    return undefined;
  }
  const lines = text.replaceAll('\r\n', '\n').replace(/\n$/, '').split('\n');
  const header = parseHeader(path, kind, lines, problems);
  const code = stripLua(lines, report).join('\n');
  if (code.trim() === '') report(0, `the ${kind} has no code after its header.`);
  const chunk = parseLua(code, report);
  return chunk && { path, kind, name, identifier, header, lineCount: lines.length, code, chunk };
}
