import { afterEach, describe, expect, it } from '@jest/globals';

import { asQueue, type Damage } from './support/damage.js';
import { DAMAGINGS, tryDamages } from './support/damaging.js';
import { luaQueue } from './support/harness.js';
import { faultsOf } from './support/invariants.js';

const queue = luaQueue();
let opened: ReturnType<typeof asQueue> | undefined;

afterEach(async () => {
  const { queue: own, connection } = (await opened) ?? {};
  opened = undefined;
  await own?.close();
  await connection?.close();
});

const faults = (): Promise<string[]> => faultsOf(queue()).catch((error: unknown) => [String(error)]);

/** What is wrong after a damage, what verify and repair say of it, and what is wrong then. */
async function tryOut(damage: Damage): Promise<unknown> {
  await damage.apply(queue().redis);
  const { queue: own } = await (opened ??= asQueue(queue()));
  try {
    const before = await faults();
    const found = await own.verify();
    const mended = await own.repair();
    const after = await faults();
    const again = await own.verify();
    const isSeen = before.length === 0 || found.findings.length > 0;
    if (isSeen && mended.isClean && after.length === 0 && again.isClean) return undefined;
    return { damage: `${damage.key} ${damage.what}`, before, found, mended, after, again };
  } catch (error) {
    return { damage: `${damage.key} ${damage.what}`, error: String(error) };
  }
}

describe('repair of a queue that calls drawn by chance have left', () => {
  it.each(DAMAGINGS)(
    'finds and mends whatever is %s, a key or a member at a time, and all that must be true is true again: seed %d [case:R16]',
    async (...damaging) => {
      expect((await tryDamages(queue(), damaging, tryOut)).slice(0, 3)).toEqual([]);
    },
    240_000,
  );
});
