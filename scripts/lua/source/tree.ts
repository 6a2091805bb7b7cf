import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { readLua, type LuaFile } from './lua-file.js';
import { Problems } from './problems.js';

/** All sources of `lua/`, each list sorted by name. */
export interface LuaTree {
  readonly commands: readonly LuaFile[];
  readonly modules: ReadonlyMap<string, LuaFile>;
}

const COMMANDS = 'lua/commands';
const MODULES = 'lua/lib';

/**
 * Reads `lua/commands` and `lua/lib` below `root`.
 *
 * @throws LuaSourceError when a name, a header or the syntax is wrong
 */
export function readTreeFrom(root: string): LuaTree {
  const texts = new Map<string, string>();
  for (const folder of [COMMANDS, MODULES]) {
    const path = join(root, folder);
    if (!existsSync(path)) continue;
    for (const file of readdirSync(path).filter((name) => name.endsWith('.lua'))) {
      texts.set(`${folder}/${file}`, readFileSync(join(path, file), 'utf8'));
    }
  }
  return readTree(texts);
}

/**
 * Reads sources given as path → text. The folder of a path says what the file is.
 *
 * @throws LuaSourceError when a name, a header or the syntax is wrong
 */
export function readTree(texts: ReadonlyMap<string, string>): LuaTree {
  const problems = new Problems();
  const commands: LuaFile[] = [];
  const modules = new Map<string, LuaFile>();
  for (const path of [...texts.keys()].sort()) {
    const text = texts.get(path) ?? '';
    if (path.startsWith(`${COMMANDS}/`)) {
      const command = readLua(path, 'command', text, problems);
      if (command !== undefined) commands.push(command);
    } else {
      const module = readLua(path, 'module', text, problems);
      if (module !== undefined) modules.set(module.name, module);
    }
  }
  if (texts.size === 0) problems.add(COMMANDS, 0, 'no source found. Run this in a checkout that has lua/.');
  problems.throwIfAny();
  return { commands, modules };
}
