import type { Header } from './header.js';
import { isReservedInTypeScript, camelCase, isLuaIdentifier } from './names.js';
import { parseHeader, type SourceKind } from './parse-header.js';
import type { Problems } from './problems.js';
import { stripLua, type CodeLine } from './strip.js';

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
  readonly text: string;
  readonly code: readonly CodeLine[];
}

/** Reads one source text. Faults go to `problems`; what is returned then is incomplete. */
export function readLua(path: string, kind: SourceKind, text: string, problems: Problems): LuaFile {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.lua$/, '');
  const identifier = name.replaceAll('-', '_');
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || !isLuaIdentifier(identifier)) {
    problems.add(path, 0, 'the file name must be lower case with dashes, as in "put-back.lua". Rename it.');
  } else if (kind === 'command' && isReservedInTypeScript(camelCase(name))) {
    problems.add(path, 0, `"${name}" is a reserved word in TypeScript. Rename the command.`);
  }
  if (text.startsWith('#!'))
    problems.add(path, 1, 'a shebang line. Remove it: the composer writes it from @repeat and @oom.');
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const { header, end } = parseHeader(path, kind, lines, problems);
  const code = stripLua(lines.slice(end), end + 1, (line, message) => problems.add(path, line, message));
  if (code.length === 0) problems.add(path, 0, `the ${kind} has no code after its header.`);
  return { path, kind, name, identifier, header, text, code };
}
