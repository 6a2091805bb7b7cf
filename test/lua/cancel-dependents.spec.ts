import { describe, expect, it } from '@jest/globals';

import { addChecked, cancel, type CancelReply } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue, type TestQueue } from './support/harness.js';
import { assertInvariants } from './support/invariants.js';
import { body } from './support/records.js';

const queue = luaQueue({ slot: 'shop' });

async function addDependent(
  id: string,
  parents: readonly string[],
  policy = 'f',
  to: TestQueue = queue(),
): Promise<void> {
  const rows = [`${id}\t\nd\t${[policy, ...parents].join('\t')}`, body()];
  await to.run(addChecked, { ...to.lane(), atomic: 1, rows });
}

/** Cancels jobs, and sends the call again, as after a lost reply. */
async function cancelled(
  dependents: string,
  ids: readonly string[],
  others: readonly string[] = [],
): Promise<CancelReply> {
  const [reply, again] = await queue().twice(cancel, { ...queue().lane(), dependents, others, ids });
  expect(again).toEqual(reply);
  return reply;
}

describe('cancel of a job on which others depend', () => {
  it('is refused as a whole while they live, and names them [seed:Q12]', async () => {
    const other = await queue().neighbour('other');
    await queue().add('a', 'z');
    await addDependent('c', ['a']);
    await addDependent('d', ['c'], 'r');
    await addDependent('e', ['{own}a'], 'f', other);
    const { reply, changed } = await queue().change(() => cancelled('r', ['z', 'c', 'a']));
    expect(reply).toEqual({ code: 'REFUSED', id: 'c', dependents: ['d'] });
    expect(await cancelled('r', ['z', 'a', 'c', 'd'])).toEqual({ code: 'REFUSED', id: 'a', dependents: ['{other}e'] });
    expect(changed).toEqual({});
    await assertInvariants(other);
  });

  it('cancels all when all that depend on them are in the call, or in another one of the caller [seed:Q12]', async () => {
    await queue().add('a');
    await addDependent('c', ['a']);
    await addDependent('d', ['c']);
    expect(await cancelled('l', ['a'], ['c'])).toEqual({ code: 'OK', fates: 'C' });
    expect(await queue().counts()).toMatchObject({ waiting: 1, blocked: 2 });
    expect(await cancelled('r', ['a'], ['c'])).toEqual({ code: 'OK', fates: 'C' });
    expect(await queue().state('c')).toBe('cancelled');
    expect(await cancelled('r', ['c'], ['a'])).toEqual({ code: 'OK', fates: 'X' });
    await queue().retry('a');
    expect(await cancelled('r', ['d', 'a', 'c'])).toEqual({ code: 'OK', fates: 'CCC' });
    const outcomes = (await queue().dump())['o'] as Record<string, string>;
    for (const id of ['a', 'c', 'd']) expect(outcomes[id]).toMatch(/"message":"The job was cancelled\."/);
  });

  it('is not refused for jobs that have ended, nor of one that has [seed:Q12]', async () => {
    await queue().add('a', 'b');
    await addDependent('c', ['a', 'b']);
    await queue().cancel('b');
    expect(await queue().state('c')).toBe('failed');
    expect(await cancelled('r', ['a', 'b', 'none'])).toEqual({ code: 'OK', fates: 'CFN' });
  });

  it('cancels all behind it by a cascade, over the queues of the slot, whatever they were told [seed:Q12]', async () => {
    const other = await queue().neighbour('other');
    await queue().add('a');
    await addDependent('c', ['a'], 'r');
    await addDependent('d', ['{own}c'], 'f', other);
    await addDependent('e', ['{other}d'], 'b');
    const worker = await queue().worker('E');
    const a = await worker.leaseOne();
    expect(await cancelled('c', ['a'])).toEqual({ code: 'OK', fates: 'A' });
    expect([await queue().state('c'), await other.state('d'), await queue().state('e')]).toEqual(
      Array.from({ length: 3 }, () => 'cancelled'),
    );
    expect((await worker.exchange({ ends: [[a, '5']] })).refused).toBe('1');
    await assertInvariants(other);
    await queue().retry('a');
    expect([await queue().state('c'), await other.state('d'), await queue().state('e')]).toEqual(
      Array.from({ length: 3 }, () => 'blocked'),
    );
    await assertInvariants(other);
  });

  it('goes on with a cascade by housekeeping, 250 at a time [core:B14]', async () => {
    await queue().configure('keep:cancelled', '10000,');
    await queue().add('a');
    for (let from = 0; from < 2_500; from += 500) {
      const rows = Array.from({ length: 500 }, (_, i) => [`c${from + i}\t\nd\tb\ta`, body()]).flat();
      await queue().run(addChecked, { ...queue().lane(), atomic: 1, rows });
    }
    await addDependent('last', ['c7']);
    await cancelled('c', ['a']);
    let steps = 0;
    while ((await queue().counts()).blocked > 0) {
      const before = (await queue().counts()).blocked;
      await queue().housekeep();
      expect(before - (await queue().counts()).blocked).toBeLessThanOrEqual(251);
      expect(++steps).toBeLessThan(12);
    }
    expect(await queue().counts()).toMatchObject({ waiting: 0, finished: ['0', '0', '0', '0', '2502'] });
    expect((await queue().housekeep()).more).toBe(0);
  });

  it('follows what each was told, where that is asked', async () => {
    await queue().add('a');
    for (const policy of ['f', 'c', 'b', 'r']) await addDependent(policy, ['a'], policy);
    expect(await cancelled('p', ['a'])).toEqual({ code: 'OK', fates: 'C' });
    const states = await Promise.all(['f', 'c', 'b', 'r'].map((id) => queue().state(id)));
    expect(states).toEqual(['failed', 'cancelled', 'blocked', 'waiting']);
  });
});
