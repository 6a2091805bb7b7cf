import type { ComposedCommand } from '../compose/compose.js';
import { unitsOf } from '../compose/units.js';
import type { Problems } from '../source/problems.js';
import { lineOf } from '../source/syntax.js';
import type { LuaTree } from '../source/tree.js';

/** Every top-level statement of a module is in some composed script. */
export function checkDeadCode(tree: LuaTree, composed: readonly ComposedCommand[], problems: Problems): void {
  const used = new Set(composed.flatMap(({ units }) => units.map(({ statement }) => statement)));
  for (const module of tree.modules.values()) {
    for (const { statement, defines } of unitsOf(module, new Map())) {
      if (used.has(statement)) continue;
      const what = defines.map((name) => name.replace(/^.*(?:__|:)/, '')).join(', ') || 'this statement';
      problems.add(module.path, lineOf(statement), `no command can reach ${what}. Remove it.`);
    }
  }
}
