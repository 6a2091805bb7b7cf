import type { LuaFile } from '../source/lua-file.js';
import { didYouMean } from '../source/names.js';
import type { Problems } from '../source/problems.js';
import type { LuaTree } from '../source/tree.js';

/**
 * The modules that a command needs, each after those it requires itself. Deterministic: by name where the requires leave
 * a choice.
 */
export function moduleOrder(command: LuaFile, tree: LuaTree, problems: Problems): LuaFile[] {
  const order: LuaFile[] = [];
  visit(command, [command.name]);
  return order;

  function visit(file: LuaFile, chain: readonly string[]): void {
    const requires = [...file.header.requires].sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const { name, line } of requires) {
      const module = tree.modules.get(name);
      const path = [...chain, name];
      if (module === undefined) {
        problems.add(
          file.path,
          line,
          `@require ${name}: there is no lua/lib/${name}.lua.${didYouMean(name, tree.modules.keys())}`,
        );
      } else if (chain.includes(name)) {
        problems.add(
          file.path,
          line,
          `@require ${name} closes a cycle: ${path.join(' → ')}. Move what both need to a third module.`,
        );
      } else {
        visit(module, path);
        if (!order.includes(module)) order.push(module);
      }
    }
  }
}
