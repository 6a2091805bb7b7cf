import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { readLua, type LuaFile } from './lua-file.js';
import type { Problems } from './problems.js';

/** All sources of `lua/`, each list sorted by name. */
export interface LuaTree {
  readonly commands: readonly LuaFile[];
  readonly modules: ReadonlyMap<string, LuaFile>;
}

const COMMANDS = 'lua/commands';
const MODULES = 'lua/lib';

/** Reads `lua/commands` and `lua/lib` below `root`. */
export function readTreeFrom(root: string, problems: Problems): LuaTree {
  const texts = new Map<string, string>();
  for (const folder of [COMMANDS, MODULES]) {
    const path = join(root, folder);
    if (!existsSync(path)) continue;
    for (const file of readdirSync(path).filter((name) => name.endsWith('.lua'))) {
      texts.set(`${folder}/${file}`, readFileSync(join(path, file), 'utf8'));
    }
  }
  return readTree(texts, problems);
}

/** Reads sources given as path → text. The folder of a path says what the file is. */
export function readTree(texts: ReadonlyMap<string, string>, problems: Problems): LuaTree {
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
  if (![...texts.keys()].some((path) => path.startsWith(`${COMMANDS}/`)))
    problems.add(COMMANDS, 0, 'no command found. Run this from the root of the repository.');
  return { commands, modules };
}
