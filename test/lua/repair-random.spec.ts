import { describe, expect, it } from '@jest/globals';

import { asQueue, corruptions, deletions, Snapshot, type Damage } from './support/damage.js';
import { drawn } from './support/drawn-damages.js';
import { luaQueue } from './support/harness.js';
import { faultsOf } from './support/invariants.js';
import { RandomCalls } from './support/random-calls.js';
import { Random } from './support/random.js';

const queue = luaQueue();
const STEPS = 160;
const SEEDS = Number(process.env['MILLRACE_RANDOM_SEEDS'] ?? 1);
const FIRST = Number(process.env['MILLRACE_RANDOM_FIRST'] ?? 1);
/** What is wrong after a damage, what verify and repair say of it, and what is wrong then. */
async function tryOut(damage: Damage): Promise<unknown> {
  await damage.apply(queue().redis);
  const { queue: own, connection } = await asQueue(queue());
  try {
    const before = await faultsOf(queue()).catch((error: unknown) => [String(error)]);
    const found = await own.verify();
    const mended = await own.repair();
    const after = await faultsOf(queue()).catch((error: unknown) => [String(error)]);
    const again = await own.verify();
    const isSeen = before.length === 0 || found.findings.length > 0;
    if (isSeen && mended.isClean && after.length === 0 && again.isClean) return undefined;
    return { damage: `${damage.key} ${damage.what}`, before, found, mended, after, again };
  } catch (error) {
    return { damage: `${damage.key} ${damage.what}`, error: String(error) };
  } finally {
    await own.close();
    await connection.close();
  }
}

describe('repair of a queue that calls drawn by chance have left', () => {
  it.each(
    Array.from({ length: SEEDS }, (_, i) => FIRST + i).flatMap((seed) => [
      ['taken away', seed, deletions] as const,
      ['spoilt', seed, corruptions] as const,
    ]),
  )(
    'finds and mends whatever is %s, a key or a member at a time, and all that must be true is true again: seed %d [case:R16]',
    async (_, seed, damagesOf) => {
      const random = new Random(seed);
      const calls = new RandomCalls(queue(), random);
      for (let step = 1; step <= STEPS; step++) await calls.step();
      const whole = await Snapshot.take(queue().redis);
      const wrong: unknown[] = [];
      for (const damage of drawn(random, await damagesOf(queue().redis, queue().base))) {
        await whole.restore();
        const fault = await tryOut(damage);
        if (fault !== undefined) wrong.push(fault);
      }
      await whole.restore();
      expect(wrong.slice(0, 3)).toEqual([]);
    },
    240_000,
  );
});
