import { composeTree } from '../compose/compose.js';
import { Problems, type Problem } from '../source/problems.js';
import type { LuaTree } from '../source/tree.js';
import { checkComposedBudget, checkFileBudget } from './budget-rule.js';
import { checkDeadCode } from './dead-code-rule.js';
import { gatherFacts, type World } from './facts.js';
import { checkHeader } from './header-rule.js';
import { checkMembers } from './members-rule.js';
import { checkNames } from './names-rule.js';
import { checkReadOnly } from './read-only-rule.js';
import { checkRedisCalls } from './redis-rule.js';

/** Everything that can be known of the sources without a Redis: the faults found, none if all is well. */
export function checkTree(tree: LuaTree): readonly Problem[] {
  const problems = new Problems();
  const modules = [...tree.modules.values()].map(gatherFacts);
  const world: World = { tree, modules: new Map(modules.map((facts) => [facts.file.identifier, facts])) };
  for (const facts of [...tree.commands.map(gatherFacts), ...modules]) {
    checkNames(facts, world, problems);
    checkMembers(facts, world, problems);
    checkHeader(facts, world, problems);
    checkRedisCalls(facts, problems);
    checkFileBudget(facts.file, problems);
  }
  const composed = composeTree(tree, problems);
  for (const command of composed) {
    checkReadOnly(command, problems);
    checkComposedBudget(command, tree, problems);
  }
  checkDeadCode(tree, composed, problems);
  return problems.list();
}
