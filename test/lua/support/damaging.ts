import { KeyCopy } from '../../support/key-copy.js';
import { corruptions, deletions, type Damage } from './damage.js';
import type { TestQueue } from './harness.js';
import { RandomCalls } from './random-calls.js';
import { Random } from './random.js';

const STEPS = 160;
const SEEDS = Number(process.env['MILLRACE_RANDOM_SEEDS'] ?? 1);
const FIRST = Number(process.env['MILLRACE_RANDOM_FIRST'] ?? 1);
/** How many damages of a kind are tried of one keyspace. */
const TRIED = Number(process.env['MILLRACE_RANDOM_DAMAGES'] ?? 1);

/** What is done to keys, the seed of what is in them, and the damages: rows of tests. */
export const DAMAGINGS = Array.from({ length: SEEDS }, (_, i) => FIRST + i).flatMap((seed) => [
  ['taken away', seed, deletions] as const,
  ['spoilt', seed, corruptions] as const,
]);

/** Some damages of each kind, a family of keys as a whole or its members, drawn by chance where there are many. */
function drawn(random: Random, damages: readonly Damage[]): Damage[] {
  const kinds = new Map<string, Damage[]>();
  for (const damage of damages) kinds.set(damage.kind, [...(kinds.get(damage.kind) ?? []), damage]);
  return [...kinds.values()].flatMap((same) =>
    same.length <= TRIED ? same : Array.from({ length: TRIED }, () => random.pick(same)),
  );
}

/**
 * Tries damages, one after the other, of the queue that calls drawn by chance have left, which is whole each time and in the end.
 * What went wrong, as `tryOut` says it; `undefined` is nothing.
 */
export async function tryDamages(
  queue: TestQueue,
  [, seed, damagesOf]: (typeof DAMAGINGS)[number],
  tryOut: (damage: Damage, random: Random) => Promise<unknown>,
): Promise<unknown[]> {
  const random = new Random(seed);
  const calls = new RandomCalls(queue, random);
  for (let step = 1; step <= STEPS; step++) await calls.step();
  const whole = await KeyCopy.of(queue.redis, '');
  const wrong: unknown[] = [];
  for (const damage of drawn(random, await damagesOf(queue.redis, queue.base))) {
    await whole.restore();
    const fault = await tryOut(damage, random);
    if (fault !== undefined) wrong.push(fault);
  }
  await whole.restore();
  return wrong;
}
