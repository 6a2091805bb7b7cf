import { describe, expect, it } from '@jest/globals';

import { batching, gather, unitsOf } from './support/batching.js';
import { luaQueue } from './support/harness.js';
import { zip } from './support/lua-worker.js';
import { body } from './support/records.js';

const queue = luaQueue();
const { gathered } = batching(queue);

describe('a member that is looked after [seed:A13]', () => {
  it.each([
    ['cancelled', () => queue().cancel('b'), 'C', 'cancelled'],
    ['removed', () => queue().remove('b'), 'R', ''],
  ])('is %s: the batch goes on without it', async (_, act, fate, state) => {
    const worker = await queue().worker('E');
    await gathered(worker, ['a', 'b']);
    expect([await act(), await queue().state('b')]).toEqual([fate, state]);
    await gathered(worker, ['c', 'd']);
    expect(unitsOf(await worker.exchange({ want: 1 }))).toEqual([['a', 'c', 'd']]);
  });

  it('leaves nothing of an open batch behind when it was the last', async () => {
    const worker = await queue().worker('E');
    await gathered(worker, ['a']);
    await queue().cancel('a');
    expect(Object.keys(await queue().dump()).filter((key) => key.startsWith('a'))).toEqual([]);
  });

  it.each([
    ['in the list', '', {}],
    ['above it', 'p5', { fields: 'p5' }],
  ])('leaves a ghost or nothing of a batch that had fired %s', async (_, how, sketch) => {
    const worker = await queue().worker('E');
    await queue().add(['a', how, sketch], ['b', how, sketch]);
    const jobs = await worker.lease(2);
    await worker.exchange({ ends: zip(jobs, [gather(), gather('k', { most: 2 })]) });
    expect(await queue().cancel('a', 'b')).toBe('CC');
    expect(await queue().counts()).toMatchObject({ waiting: 0, aggregating: 0 });
    expect(unitsOf(await worker.exchange({ want: 5 }))).toEqual([]);
  });

  it('is cancelled while it runs: only its own run is taken', async () => {
    const worker = await queue().worker('E');
    await gathered(worker, ['a', 'b', 'c']);
    const { leased } = await worker.exchange({ want: 1 });
    expect(await queue().cancel('b')).toBe('A');
    const reply = await worker.exchange({ ends: zip(leased, ['5', '5', '5']) });
    expect([reply.refused, reply.taken]).toEqual(['2', '1\tb\t0.3\tcancelled\n']);
  });

  it('gets another priority for later; its batch stays where it is', async () => {
    const worker = await queue().worker('E');
    await gathered(worker, ['a', 'b', 'c']);
    expect(await queue().prioritize('b', 7)).toBe('P');
    expect((await queue().dump())['r']).toEqual(['\tb1']);
    const { leased } = await worker.exchange({ want: 1 });
    await worker.exchange({ ends: zip(leased, ['g0\t\t\t', 'g0\t\t\t', 'g0\t\t\t']) });
    expect(Object.keys((await queue().dump())['pp'] as object)).toEqual(['b']);
  });

  it('is replaced, under its given id', async () => {
    const worker = await queue().worker('E');
    await queue().addChecked('mine', 'ck,m1000');
    await worker.end(await worker.leaseOne(), gather());
    expect(await queue().addChecked('mine', 'cr,m1000')).toBe('1R');
    expect(await queue().state('mine')).toBe('waiting');
  });

  it('tells of itself by an event', async () => {
    await queue().configure('listening', '60000');
    const worker = await queue().worker('E');
    await gathered(worker, ['a']);
    expect((await queue().told()).at(-1)).toBe('o\ta\tgreet');
  });
});

describe('ghosts', () => {
  it('are swept from between batches, which stay and are not swept for themselves', async () => {
    const worker = await queue().worker('E');
    await gathered(worker, ['a0', 'a1', 'a2'], gather('k', { most: 1 }));
    const ids = Array.from({ length: 1_100 }, (_, i) => `g${i}`);
    for (let from = 0; from < ids.length; from += 550) await queue().add(...ids.slice(from, from + 550));
    for (let from = 0; from < ids.length; from += 550) await queue().cancel(...ids.slice(from, from + 550));
    for (let n = 0; n < 20; n++) await queue().housekeep(500);
    expect((await queue().dump())['r']).toEqual(['\tb1', '\tb2', '\tb3']);
    expect((await queue().housekeep()).more).toBe(0);
    expect(unitsOf(await worker.exchange({ want: 9 }))).toEqual([['a0'], ['a1'], ['a2']]);
  });
});

describe('jobs that become one', () => {
  /** Three members that run, and what ends each of them when one job follows all. */
  async function three() {
    const worker = await queue().worker('E');
    await gathered(worker, ['a', 'b', 'c']);
    const { leased } = await worker.exchange({ want: 1 });
    const row = body({ name: 'digest' });
    const ends = zip(leased, [`q5\t\t\t3,${Buffer.byteLength(row)}\t\nnew${row}`, 'q5\t\t\t@new', 'q5\t\t\t@new']);
    return { worker, leased, ends };
  }

  it('complete and add it, by one call, once however often that is sent [seed:A13]', async () => {
    const { worker, ends } = await three();
    await worker.exchange({ ends });
    expect(await queue().counts()).toMatchObject({ waiting: 1, active: 0, finished: ['3', '0', '0', '0', '0'] });
    await worker.exchange({ ends, seq: worker.lastSeq() });
    expect(await queue().ids('waiting')).toEqual(['new']);
  });

  it('add it although the end that brings it does not count, if one of the others does', async () => {
    const { worker, ends } = await three();
    await queue().cancel('a');
    expect((await worker.exchange({ ends })).refused).toBe('1');
    expect(await queue().ids('waiting')).toEqual(['new']);
  });

  it('add nothing when none of them counts', async () => {
    const { worker, ends } = await three();
    await queue().cancel('a', 'b', 'c');
    expect((await worker.exchange({ ends })).refused).toBe('1,2,3');
    expect(await queue().ids('waiting')).toEqual([]);
  });

  it('are refused when no end of the call brings it, and nothing is written', async () => {
    const { worker, ends } = await three();
    const before = await queue().dump();
    await expect(worker.exchange({ ends: ends.slice(1) })).rejects.toThrow(/PROTOCOL The job that follows several/);
    expect(await queue().dump()).toEqual(before);
  });
});
