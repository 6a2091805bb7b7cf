import type { Damage } from './damage.js';
import type { Random } from './random.js';

/** How many damages of a kind are tried of one keyspace. */
const TRIED = Number(process.env['MILLRACE_RANDOM_DAMAGES'] ?? 3);

/** Some damages of each kind, a family of keys as a whole or its members, drawn by chance where there are many. */
export function drawn(random: Random, damages: readonly Damage[]): Damage[] {
  const kinds = new Map<string, Damage[]>();
  for (const damage of damages) kinds.set(damage.kind, [...(kinds.get(damage.kind) ?? []), damage]);
  return [...kinds.values()].flatMap((same) =>
    same.length <= TRIED ? same : Array.from({ length: TRIED }, () => random.pick(same)),
  );
}
