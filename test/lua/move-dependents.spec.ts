import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { luaQueue, type TestQueue } from './support/harness.js';
import { assertInvariants } from './support/invariants.js';
import { body } from './support/records.js';

const queue = luaQueue({ slot: 'shop' });
let other: TestQueue;

beforeEach(async () => {
  other = await queue().neighbour('other');
});
afterEach(() => assertInvariants(other));

/** A dependent of these jobs; `f` it fails with them. */
async function dependent(at: TestQueue, id: string, ...parents: readonly string[]): Promise<void> {
  await at.addRows([[`${id}\tcj,m0\nd\tf\t${parents.join('\t')}`, body()]]);
}

/** A job that has expired: those that depend on it have still to be told, by housekeeping. */
async function expired(
  at: TestQueue,
  id: string,
  ...children: readonly (readonly [TestQueue, string])[]
): Promise<void> {
  await at.addRows([[`${id}\tcj,m60000`, body({ fields: 'x10' })]]);
  for (const [where, child] of children) await dependent(where, child, where === at ? id : `{${nameOf(at)}}${id}`);
  for (const each of [queue(), other]) each.pass(20);
  const worker = await at.worker('E');
  expect(await worker.lease(1)).toEqual([]);
  expect(await at.state(id)).toBe('cancelled');
}

function nameOf(at: TestQueue): string {
  return at === other ? 'other' : 'own';
}

async function runOne(at: TestQueue, code = '1'): Promise<string> {
  const worker = await at.worker(`W${at.lane().laneId}`);
  const job = await worker.leaseOne();
  await worker.end(job, code);
  return job.id;
}

describe('move of a job that has still to be told how another one has ended', () => {
  it('it hears of it in the other queue, and waits for that job again once it is retried [case:I9]', async () => {
    await expired(queue(), 'p', [queue(), 'c']);
    expect(await queue().move('c', 'other')).toBe('M');
    await queue().housekeep();
    expect(await other.state('c')).toBe('failed');
    expect((await queue().dump())['df:p']).toEqual(['{other}c']);
    await queue().retry('p');
    expect(await other.state('c')).toBe('blocked');
  });

  it.each(['own', 'other'])('the same of a job that lies in the queue "%s" [case:I9]', async (name) => {
    const at = name === 'own' ? queue() : other;
    await expired(at, 'p', [queue(), 'c'], [other, 'd']);
    expect([await queue().move('c', 'other'), await other.move('d', 'own')]).toEqual(['M', 'M']);
    expect(await other.move('c', 'own')).toBe('M');
    await at.housekeep();
    expect([await queue().state('c'), await queue().state('d')]).toEqual(['failed', 'failed']);
  });

  it('gets the result of one that is gone by then', async () => {
    const children = Array.from({ length: 300 }, (_, i) => `c${i}`);
    await queue().addRows([['p', body({ fields: 'k0:' })]]);
    await queue().addRows(children.map((id) => [`${id}\t\nd\tf\tp`, body()]));
    await runOne(queue(), '1\t"done"');
    const [late = ''] = await queue().ids('blocked');
    expect([await queue().state('p'), await queue().move(late, 'other')]).toEqual(['', 'M']);
    await queue().housekeep();
    expect([await other.state(late), (await other.dump())[`dr:${late}`]]).toEqual(['waiting', { '{own}p': 'c"done"' }]);
  });

  it('is refused where so many ends are pending that one call cannot find it', async () => {
    await expired(queue(), 'p', [queue(), 'c']);
    const others = Array.from({ length: 10_000 }, () => 'O\t\tnone\n');
    await queue().redis.rpush(queue().key('dq'), ...others);
    expect(await queue().move('c', 'other')).toBe('E');
    await queue().redis.ltrim(queue().key('dq'), 0, 0);
    expect(await queue().move('c', 'other')).toBe('M');
    await queue().housekeep();
  });
});

describe('move of a job whose dependents have still to be told how it had ended', () => {
  it('they wait for it where it is tried again [case:I9]', async () => {
    await expired(queue(), 'p', [queue(), 'c'], [other, 'd']);
    expect(await queue().move('p', 'other')).toBe('M');
    await queue().housekeep();
    expect([await queue().state('c'), await other.state('d')]).toEqual(['blocked', 'blocked']);
    expect(await other.dump()).toMatchObject({ 'dd:p': ['d', '{own}c'], 'dl:d': ['p'], x: { d: 'd\tf\tp' } });
    expect(await queue().dump()).toMatchObject({ 'dl:c': ['{other}p'], x: { c: 'd\tf\t{other}p' } });
    await runOne(other);
    expect([await queue().state('c'), await other.state('d')]).toEqual(['waiting', 'waiting']);
  });

  it('at the end of an attempt takes them along', async () => {
    await expired(queue(), 'p', [queue(), 'c'], [queue(), 'gone']);
    await queue().remove('gone');
    await queue().retry('p');
    await runOne(queue(), 'm1\t\t\tother\t\t\t0\n');
    await queue().housekeep();
    expect([await queue().state('c'), (await other.dump())['dd:p']]).toEqual(['blocked', ['{own}c']]);
    await runOne(other, 'f1\t\t\tno');
    expect(await queue().state('c')).toBe('failed');
  });

  it('they hear of it all the same if it had completed', async () => {
    await queue().add('p');
    await queue().addRows(Array.from({ length: 300 }, (_, i) => [`c${i}\t\nd\tf\tp`, body()]));
    await runOne(queue());
    expect((await queue().ids('blocked')).length).toBe(50);
    expect(await queue().move('p', 'other')).toBe('M');
    await queue().housekeep();
    expect([await queue().ids('blocked'), (await other.dump())['dd:p']]).toEqual([[], undefined]);
  });

  it('those that it had failed wait for it again, if they have still to be told that it is tried again [case:I9]', async () => {
    await queue().add('p');
    await dependent(queue(), 'c', 'p');
    await runOne(queue(), 'f1\t\t\tno');
    await expired(queue(), 'q', [queue(), 'd']);
    await queue().retry('p');
    expect([await queue().state('c'), await queue().move('p', 'other')]).toEqual(['failed', 'M']);
    expect(await queue().state('c')).toBe('blocked');
    await queue().housekeep();
    await runOne(other);
    expect(await queue().state('c')).toBe('waiting');
  });
});
