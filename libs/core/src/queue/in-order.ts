import { DependencyCycleError } from '../errors/index.js';
import type { Draft } from './batch.js';

/**
 * Drafts in an order in which each stands behind those that it depends on; else as they were. One alone must not depend on itself.
 *
 * @throws DependencyCycleError
 */
export function inOrder(drafts: readonly Draft[], queue: string): readonly Draft[] {
  if (!drafts.some(({ dependsOn }) => dependsOn !== undefined)) return drafts;
  const byId = new Map(drafts.map((draft) => [draft.id, draft]));
  const ordered = new Set<Draft>();
  for (const draft of drafts) walk(draft);
  return [...ordered];

  /** Without recursion: a chain may be a thousand jobs long. */
  function walk(first: Draft): void {
    const open: { readonly draft: Draft; readonly parents: Iterator<Draft> }[] = [];
    const path = new Set<Draft>();
    const enter = (draft: Draft): void => {
      if (ordered.has(draft)) return;
      if (path.has(draft)) throw new DependencyCycleError(queue, cycle([...path], draft));
      path.add(draft);
      open.push({ draft, parents: parentsOf(draft)[Symbol.iterator]() });
    };
    enter(first);
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const { value: parent, done } = top.parents.next();
      if (done !== true) {
        enter(parent);
        continue;
      }
      open.pop();
      path.delete(top.draft);
      ordered.add(top.draft);
    }
  }

  function parentsOf({ dependsOn = [] }: Draft): readonly Draft[] {
    return dependsOn.flatMap((ref) => {
      const parent = ref.queue === undefined || ref.queue === queue ? byId.get(ref.id) : undefined;
      return parent === undefined ? [] : [parent];
    });
  }
}

function cycle(path: readonly Draft[], again: Draft): string[] {
  return [...path.slice(path.indexOf(again)), again].map(({ id }) => id);
}
