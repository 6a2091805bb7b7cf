import { describe, expect, it } from '@jest/globals';

import { housekeep } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();

describe('housekeep moves due jobs', () => {
  it('to the back of the queue, and not a millisecond early [case:I10] [seed:A12, seed:O4, seed:I3]', async () => {
    await queue().add(['a', 'd1000'], ['b', 'd1001'], 'c', ['p', 'd1000,p5', { fields: 'p5' }]);
    queue().pass(999);
    expect(await queue().housekeep()).toEqual({
      code: 'OK',
      more: 0,
      due: 1,
      unclaimed: [],
      stalled: [],
      schedules: 0,
      ready: 1,
    });
    queue().pass(1);
    const { reply, changed } = await queue().change(() => queue().housekeep());
    expect(reply).toMatchObject({ more: 0, due: 1 });
    expect(changed).toMatchObject({ d: { b: START + 1_001 }, r: ['c', 'a'], pp: { p: expect.any(Number) } });
    queue().pass(1);
    expect(await queue().housekeep()).toMatchObject({ due: -1 });
    expect(await queue().ids('waiting')).toEqual(['p', 'c', 'a', 'b']);
  });

  it('to the place that is theirs, however often they came and went [core:A18]', async () => {
    await queue().addChecked('x', 'ck,m9');
    await queue().addChecked('x', 'cr,m9,d100');
    queue().pass(100);
    await queue().housekeep();
    const worker = await queue().worker('E');
    expect([...(await worker.lease(2)), ...(await worker.lease(2))]).toHaveLength(1);
  });

  it('a part at a time, retrying ones as well as delayed ones, and says when there are more [core:A16] [seed:A12]', async () => {
    await queue().add(...Array.from({ length: 8 }, (_, i) => `r${i}`));
    const worker = await queue().worker('E');
    const jobs = await worker.lease(8);
    await worker.exchange({ ends: jobs.map((job) => [job, 'r1\t0\t\t']) });
    await queue().add(...Array.from({ length: 30 }, (_, i) => [`d${i}`, 'd1'] as const));
    queue().pass(1);
    expect(await queue().housekeep(10)).toMatchObject({ more: 1 });
    expect(await queue().counts()).toMatchObject({ waiting: 10, retrying: 3, delayed: 25 });
    await queue().housekeep(10);
    expect(await queue().housekeep(10)).toMatchObject({ more: 1 });
    expect(await queue().housekeep(10)).toMatchObject({ more: 0 });
    expect(await queue().counts()).toMatchObject({ waiting: 38 });
  });

  it('and wakes workers for them', async () => {
    await (await queue().worker('E')).exchange({ want: 1, park: 1 });
    await queue().add(['a', 'd100']);
    await queue().redis.sadd(queue().key('i'), 'E');
    queue().pass(100);
    await queue().housekeep();
    expect((await queue().dump())['i']).toBeUndefined();
  });

  it('once, when it is sent again, or by many at once [core:A13, case:X22]', async () => {
    await queue().add(['a', 'd100']);
    queue().pass(100);
    await queue().promote('a');
    await queue().housekeep();
    const { changed } = await queue().change(() => queue().housekeep());
    expect(changed).toEqual({});
    expect(await queue().ids('waiting')).toEqual(['a']);
  });
});

describe('housekeep forgets', () => {
  it('lanes that were idle for a day, and keeps those in use [core:A10]', async () => {
    await queue().raw('add', 'old', 1, 0);
    await queue().raw('add', 'used', 1, 0);
    queue().pass(43_200_000);
    await queue().raw('add', 'used', 2, 0);
    queue().pass(43_200_000);
    await queue().housekeep();
    const dump = await queue().dump();
    expect(Object.keys(dump['l'] ?? {})).toEqual(['used']);
    queue().pass(43_200_000);
    await queue().housekeep();
    expect((await queue().dump())['l']).toBeUndefined();
  });

  it('lanes a part at a time, and says when there are more', async () => {
    for (let i = 0; i < 25; i++) await queue().raw('add', `lane-${i}`, 1, 0);
    queue().pass(86_400_000);
    expect(await queue().housekeep(10)).toMatchObject({ more: 1 });
    while ((await queue().housekeep(10)).more === 1);
    expect((await queue().dump())['l']).toBeUndefined();
  });

  it('waits that nobody asked for again, wherever they lie among the others, and the feature with the last one [core:A19]', async () => {
    const ids = Array.from({ length: 800 }, (_, i) => `a${i}`);
    await queue().add(...ids);
    for (const [i, id] of ids.entries()) await queue().raw('wait', id, 'channel', i % 8 === 0 ? 1_000 : 100_000);
    queue().pass(1_000);
    for (let i = 0; i < 20; i++) await queue().housekeep();
    expect(Object.keys((await queue().dump())['aw'] ?? {})).toHaveLength(700);
    queue().pass(99_000);
    for (let i = 0; i < 20; i++) await queue().housekeep();
    expect(await queue().dump()).toMatchObject({ q: { bits: '' } });
  });
});

describe('housekeep', () => {
  it('names what waits for a handler, so that a worker that has one can claim it [core:B3]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'n0\t0\tgreet\t');
    expect(await queue().housekeep()).toMatchObject({ unclaimed: ['greet'] });
  });

  it('asks for an upgrade where the queue uses a feature that it does not know [core:A22]', async () => {
    await queue().redis.hset(queue().key('q'), 'bits', 'Z');
    const { reply, changed } = await queue().change(() => queue().run(housekeep, { budget: 10, within: 0 }));
    expect([reply, changed]).toEqual([{ code: 'UPGRADE', bits: 'Z' }, {}]);
  });

  it('does the rest where a worker is too old for the sweeping of ghosts [core:A22]', async () => {
    const ids = Array.from({ length: 1_001 }, (_, i) => `a${i}`);
    await queue().add(...ids.slice(0, 1_000));
    await queue().add(...ids.slice(1_000), ['due', 'd1']);
    await queue().cancel(...ids.slice(0, 1_000));
    await queue().cancel('a1000');
    await queue().raw('open', 'old', 0, 30_000, 'x');
    queue().pass(1);
    expect(await queue().housekeep()).toMatchObject({ more: 0 });
    expect(await queue().ids('waiting')).toEqual(['due']);
    expect((await queue().dump())['q']).not.toHaveProperty('bits');
  });
});

describe('housekeep of an idle worker', () => {
  it('does with a whole look of another worker, and says what it would have said [case:L3]', async () => {
    await queue().add(['later', 'd60000']);
    await queue().housekeep();
    queue().pass(1_999);
    const { reply, changed } = await queue().change(() => queue().run(housekeep, { budget: 10, within: 2_000 }));
    expect(reply).toEqual({ code: 'OK', more: 0, due: 58_001, unclaimed: [], stalled: [], schedules: 0, ready: 0 });
    expect(changed).toEqual({});
    queue().pass(1);
    const whole = await queue().change(() => queue().run(housekeep, { budget: 10, within: 2_000 }));
    expect(whole.changed).toHaveProperty('q');
  });

  it('looks all the same where a job is due, or a lease is over [core:A1] [case:L3]', async () => {
    const worker = await queue().worker('E', 30_000);
    await queue().add('a', ['b', 'd31000']);
    await worker.leaseOne();
    for (let n = 0; n < 3; n++) {
      queue().pass(9_000);
      await queue().housekeep();
    }
    queue().pass(3_001);
    await queue().housekeep(10, 60_000);
    expect(await queue().ids('waiting')).toEqual(['a']);
    queue().pass(1_000);
    await queue().housekeep(10, 60_000);
    expect(await queue().ids('waiting')).toEqual(['a', 'b']);
  });

  it('says whether jobs wait: one that nobody was told of is found by it [case:L3]', async () => {
    expect(await queue().housekeep()).toMatchObject({ ready: 0 });
    await queue().add('a');
    expect(await queue().housekeep(10, 2_000)).toMatchObject({ ready: 1 });
    await queue().cancel('a');
    await queue().add(['urgent', 'p5', { fields: 'p5' }]);
    expect(await queue().housekeep()).toMatchObject({ ready: 1 });
  });
});

describeMalformed(queue, 'housekeep', [
  ['a time that is none', [10, -1], /PROTOCOL within is not a whole number from 0 to 60000/],
  ['a budget of 0', [0], /PROTOCOL budget is not a whole number from 1 to 1000/],
  ['a budget above 1,000', [8_000], /PROTOCOL budget/],
  ['a budget that is no number', ['x'], /PROTOCOL budget/],
]);
