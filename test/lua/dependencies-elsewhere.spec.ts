import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { addChecked, verify } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue, type TestQueue } from './support/harness.js';
import { assertInvariants } from './support/invariants.js';
import { body } from './support/records.js';

const queue = luaQueue({ slot: 'shop' });
let other: TestQueue;

beforeEach(async () => {
  other = await queue().neighbour('other');
});
afterEach(() => assertInvariants(other));

/** Adds a job that depends on others, which are named as the queue names them. */
async function addDependent(to: TestQueue, id: string, parents: readonly string[], policy = 'f'): Promise<string> {
  const rows = [`${id}\t\nd\t${[policy, ...parents].join('\t')}`, body()];
  const reply = await to.run(addChecked, { ...to.lane(), atomic: 0, rows });
  if (reply.code !== 'OK') throw new Error(`add-checked answered ${reply.code}`);
  return reply.odd;
}

/** Leases one job there and ends it. */
async function runOne(from: TestQueue, code = '5'): Promise<string> {
  const worker = await from.worker(`E${Math.random()}`);
  const job = await worker.leaseOne();
  await worker.end(job, code);
  return job.id;
}

describe('a dependency on a job of another queue of the slot', () => {
  it('is met, and its result given, in the call in which that one completes [core:A21]', async () => {
    await other.add('a');
    expect(await addDependent(queue(), 'c', ['{other}a'])).toBe('1b');
    expect(await other.dump()).toMatchObject({ 'dd:a': ['{own}c'] });
    await runOne(other, 'c1\t\t\t"A"');
    expect(await queue().state('c')).toBe('waiting');
    expect(await queue().dump()).toMatchObject({ 'dr:c': { '{other}a': 'c"A"' } });
    await runOne(queue());
  });

  it('fails over the queues, there and back, and opens again so', async () => {
    await queue().add('a');
    await addDependent(other, 'b', ['{own}a']);
    await addDependent(queue(), 'c', ['{other}b', 'a']);
    await runOne(queue(), 'f1\t\t\tno');
    expect([await other.state('b'), await queue().state('c')]).toEqual(['failed', 'failed']);
    await queue().retry('a');
    expect([await other.state('b'), await queue().state('c')]).toEqual(['blocked', 'blocked']);
    await runOne(queue());
    await runOne(other);
    expect(await runOne(queue())).toBe('c');
  });

  it('is no finding of verify while its end is still to be told', async () => {
    await other.add('a');
    const children = Array.from({ length: 300 }, (_, i) => `c${i}`);
    const rows = children.flatMap((id) => [`${id}\t\nd\tf\t{other}a`, body()]);
    await queue().run(addChecked, { ...queue().lane(), atomic: 1, rows });
    await runOne(other);
    const blocked = Object.keys((await queue().dump())['b'] as object);
    expect(blocked.length).toBeGreaterThan(0);
    const { found } = await queue().run(verify, { count: 1_000, rows: blocked.flatMap((id) => [`dl:${id}`, '']) });
    expect(found).toEqual([]);
    expect((await other.run(verify, { count: 1_000, rows: ['dq', '', 'dx:1', ''] })).found).toEqual([]);
    await other.housekeep(1_000);
    expect(await queue().counts()).toMatchObject({ blocked: 0, waiting: 300 });
  });

  it('is refused where the queue is none of the slot', async () => {
    const rows = ['c\t\nd\tf\t{strange}a', body()];
    const call = queue().run(addChecked, { ...queue().lane(), atomic: 0, rows });
    await expect(call).rejects.toThrow(/QUEUE_MISMATCH/);
  });

  it('tells the events of each queue', async () => {
    await other.configure('listening', '60000');
    await other.add('a');
    await addDependent(queue(), 'c', ['{other}a']);
    await queue().configure('listening', '60000');
    await runOne(other, 'f1\t\t\tno');
    expect((await queue().told()).slice(-1)).toEqual(['f\tc\tgreet']);
    expect((await other.told()).slice(-1)).toEqual(['f\ta\t']);
  });
});

describe('a job with dependencies that is moved', () => {
  it('goes on waiting in the other queue, and others for it', async () => {
    await queue().add('a');
    await other.add('b');
    await addDependent(queue(), 'c', ['a', '{other}b']);
    await addDependent(queue(), 'd', ['c']);
    await addDependent(other, 'e', ['{own}c']);
    expect(await queue().move('c', 'other')).toBe('M');
    expect(await other.dump()).toMatchObject({
      'dl:c': ['b', '{own}a'],
      'dd:c': ['e', '{own}d'],
      'dl:e': ['c'],
      b: { c: 0, e: 0 },
      x: { c: 'd\tf\t{own}a\tb', e: 'd\tf\tc' },
    });
    expect(await queue().dump()).toMatchObject({ 'dd:a': ['{other}c'], 'dl:d': ['{other}c'] });
    await runOne(queue());
    await runOne(other, 'c1\t\t\t"B"');
    expect((await other.dump())['dr:c']).toEqual({ '{own}a': 'c', b: 'c"B"' });
    expect(await runOne(other)).toBe('c');
    expect([await queue().state('d'), await other.state('e')]).toEqual(['waiting', 'waiting']);
  });

  it('at the end of an attempt takes those that wait for it along [seed:Q5]', async () => {
    await queue().add('a');
    await addDependent(queue(), 'c', ['a']);
    await runOne(queue(), 'm1\t\t\tother\t\t\t0\n');
    expect(await queue().state('c')).toBe('blocked');
    await runOne(other);
    expect(await queue().state('c')).toBe('waiting');
  });

  it('put anew into its own queue goes on waiting, unless it had failed; what it failed waits again', async () => {
    await queue().add('a');
    await addDependent(queue(), 'c', ['a']);
    await addDependent(queue(), 'd', ['c']);
    await queue().move('c', '', 'd50');
    expect((await queue().dump())['b']).toMatchObject({ c: queue().now + 50 });
    await runOne(queue(), 'f1\t\t\tno');
    expect(await queue().move('c')).toBe('M');
    expect([await queue().state('c'), await queue().state('d')]).toEqual(['waiting', 'blocked']);
    await runOne(queue());
    expect(await runOne(queue())).toBe('d');
  });

  it('with more than a thousand edges stays where it is', async () => {
    await queue().add('a');
    for (let from = 0; from < 1_001; from += 500) {
      const rows = Array.from({ length: Math.min(500, 1_001 - from) }, (_, i) => [`c${from + i}\t\nd\tf\ta`, body()]);
      await queue().run(addChecked, { ...queue().lane(), atomic: 1, rows: rows.flat() });
    }
    expect(await queue().move('a', 'other')).toBe('E');
    await runOne(queue(), 'm1\t\t\tother\t\t\t0\n');
    expect(await queue().state('a')).toBe('failed');
  });
});
