import { describe, expect, it } from '@jest/globals';

import { corruptions, type Damage } from './support/damage.js';
import { DAMAGINGS, tryDamages } from './support/damaging.js';
import { luaQueue } from './support/harness.js';
import { zip } from './support/lua-worker.js';
import { ENDS } from './support/random-ends.js';
import type { Random } from './support/random.js';

const queue = luaQueue();

/** What workers do for some minutes: look after the queue, lease, end in every way. How many jobs they had. */
async function work(random: Random): Promise<number> {
  let runs = 0;
  for (let round = 0; round < 6; round++) {
    queue().pass(31_000);
    for (let more = 1, calls = 0; more === 1; calls++) {
      if (calls > 20) throw new Error('housekeeping comes to no end');
      ({ more } = await queue().housekeep());
    }
    const worker = await queue().worker(`damage${round}`);
    for (let calls = 0; ; calls++) {
      if (calls > 60) throw new Error('the worker is given jobs without end');
      const { leased, dry } = await worker.exchange({ want: 20 });
      runs += leased.length;
      // The last rounds let everything end.
      const codes = leased.map(() => (round < 3 ? random.pick(ENDS) : '1'));
      await worker.exchange({ ends: zip(leased, codes) });
      if (leased.length === 0 && dry === 1) break;
    }
    await queue().raw('claim', 'greet');
    await worker.close();
  }
  return runs;
}

/** What goes wrong where keys are damaged and nobody repairs them. */
async function tryOut(damage: Damage, random: Random): Promise<unknown> {
  await damage.apply(queue().redis);
  const now = queue().now;
  try {
    await work(random);
    return undefined;
  } catch (error) {
    return { damage: `${damage.key} ${damage.what}`, error: String(error) };
  } finally {
    queue().now = now;
  }
}

/** Of a key of another type, or a counter that is no number, each command says so: see test/faults/damage.spec.ts. */
function isSaid({ key, what }: Damage): boolean {
  return what === ' another type' || key === 'q' || key.startsWith('st:');
}

describe('workers on a queue that another hand has damaged', () => {
  it.each(DAMAGINGS)(
    'go on to the end of what is left, without an error and without spinning, whatever is %s: seed %d [case:R16]',
    async (...damaging) => {
      const isSkipped = (damage: Damage): boolean => damaging[2] === corruptions && isSaid(damage);
      const wrong = await tryDamages(queue(), damaging, async (damage, random) =>
        isSkipped(damage) ? undefined : tryOut(damage, random),
      );
      expect(wrong).toEqual([]);
    },
    240_000,
  );
});
