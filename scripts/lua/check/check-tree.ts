import { composeTree } from '../compose/compose.js';
import type { LuaFile } from '../source/lua-file.js';
import type { Problems } from '../source/problems.js';
import type { LuaTree } from '../source/tree.js';
import { checkComposedBudget, checkFileBudget } from './budget-rule.js';
import { gatherFacts, type Facts, type World } from './facts.js';
import { checkHeader } from './header-rule.js';
import { checkMembers } from './members-rule.js';
import { checkNames } from './names-rule.js';
import { checkReadOnly } from './read-only-rule.js';
import { checkRedisCalls } from './redis-rule.js';
import { parseCode } from './syntax.js';

/** Everything that can be known of the sources without a Redis. Faults go to `problems`. */
export function checkTree(tree: LuaTree, problems: Problems): void {
  const modules = factsOf([...tree.modules.values()], problems);
  const world: World = {
    tree,
    commands: factsOf(tree.commands, problems),
    modules: new Map(modules.map((facts) => [facts.file.identifier, facts])),
  };
  for (const facts of [...world.commands, ...modules]) {
    checkNames(facts, world, problems);
    checkMembers(facts, world, problems);
    checkHeader(facts, world, problems);
    checkRedisCalls(facts, problems);
    checkFileBudget(facts.file, problems);
  }
  for (const facts of world.commands) checkReadOnly(facts, world, problems);
  for (const composed of composeTree(tree, problems)) checkComposedBudget(composed, tree, problems);
}

function factsOf(files: readonly LuaFile[], problems: Problems): Facts[] {
  return files.flatMap((file) => {
    const chunk = parseCode(file, problems);
    return chunk === undefined ? [] : [gatherFacts(file, chunk)];
  });
}
