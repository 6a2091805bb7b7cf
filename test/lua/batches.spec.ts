import { describe, expect, it } from '@jest/globals';

import * as scripts from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { batching, gather, unitsOf } from './support/batching.js';
import { zip, type Held, type LuaWorker } from './support/lua-worker.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';

const queue = luaQueue();

const { gathered } = batching(queue);

async function batches(): Promise<readonly string[]> {
  return (await queue().run(scripts.batches, { cursor: '', limit: 100 })).rows;
}

describe('a job that waits for its batch [seed:A13]', () => {
  it('is in the state aggregating, and nothing was charged', async () => {
    const worker = await queue().worker('E');
    await queue().add('a');
    const job = await worker.leaseOne();
    const { changed } = await queue().change(() => worker.end(job, gather('user:7')));
    expect(changed).toEqual({
      'h:E': expect.not.objectContaining({ a: expect.anything() }),
      ag: { a: 1 },
      'ab:1': ['a'],
      af: { 1: `0,${START},3\t5:greet:user:7` },
      ao: { '5:greet:user:7': '1' },
      ad: { 1: START + 10_000 },
      q: expect.objectContaining({ bits: 'b', batch: '1' }),
    });
    const { rows } = await queue().run(scripts.get, { ids: ['a'] });
    expect([rows[1], rows[3], rows[6]]).toEqual(['aggregating', null, String(START + 10_000)]);
    expect(await queue().counts()).toMatchObject({ aggregating: 1, waiting: 0, active: 0 });
    expect(await queue().ids('aggregating')).toEqual(['a']);
  });

  it('joins once, however often the call is sent', async () => {
    const worker = await queue().worker('E');
    await queue().add('a', 'b');
    const jobs = await worker.lease(2);
    const ends = zip(jobs, [gather(), gather()]);
    const first = await worker.exchange({ ends });
    const { reply, changed } = await queue().change(() => worker.exchange({ ends, seq: worker.lastSeq() }));
    expect([reply.refused, changed]).toEqual([first.refused, {}]);
    expect((await queue().dump())['ab:1']).toEqual(['a', 'b']);
  });

  it('begins the grace anew for its batch, which the delay since the first one bounds', async () => {
    const worker = await queue().worker('E');
    const limits = { grace: 10_000, delay: 25_000, most: 100 };
    const due: unknown[] = [];
    for (let n = 0; n < 4; n++) {
      await gathered(worker, [`j${n}`], gather('k', limits));
      due.push(((await queue().dump())['ad'] as Record<string, number>)['1']! - START);
      queue().pass(8_000);
    }
    expect(due).toEqual([10_000, 18_000, 25_000, 25_000]);
  });

  it('belongs to the batch of its name and key, of which no two are one', async () => {
    const worker = await queue().worker('E');
    await queue().add(['a', '', { name: 'x' }], ['b', '', { name: 'x:1' }], ['c', '', { name: 'x' }]);
    const jobs = await worker.lease(3);
    const code = (name: string, key: string): string => `a0\t\t${name}\t10,10,9,${key}`;
    await worker.exchange({ ends: zip(jobs, [code('x', '1:'), code('x:1', ''), code('x', '')]) });
    expect(await batches()).toHaveLength(15);
  });
});

describe('a batch fires [seed:A13]', () => {
  it('at once when it is full, in the call that fills it', async () => {
    const worker = await queue().worker('E');
    await gathered(worker, ['a', 'b']);
    await queue().add('c', 'later');
    const job = await worker.leaseOne();
    const answer = await worker.exchange({ want: 9, ends: [[job, gather()]] });
    expect(unitsOf(answer)).toEqual([['alone later'], ['a', 'b', 'c']]);
    expect(await queue().dump()).not.toHaveProperty('ag');
  });

  it('as several, when one call brings more than one takes', async () => {
    const worker = await queue().worker('E');
    const ids = Array.from({ length: 8 }, (_, i) => `j${i}`);
    await gathered(worker, ids);
    const answer = await worker.exchange({ want: 9 });
    expect(unitsOf(answer)).toEqual([ids.slice(0, 3), ids.slice(3, 6)]);
    expect(await queue().ids('aggregating')).toEqual(['j6', 'j7']);
  });

  it('when its grace is over, and not before; a worker hears how long it may sleep', async () => {
    const worker = await queue().worker('E');
    await gathered(worker, ['a', 'b']);
    expect((await worker.exchange({ want: 5 })).due).toBe(10_000);
    queue().pass(9_999);
    expect((await queue().housekeep()).due).toBe(1);
    expect(unitsOf(await worker.exchange({ want: 5 }))).toEqual([]);
    queue().pass(1);
    const { changed } = await queue().change(() => queue().housekeep());
    expect(changed).toMatchObject({ r: ['\tb1'], ad: undefined, ao: undefined, q: { batches: '1' } });
    expect(await queue().counts()).toMatchObject({ waiting: 0, aggregating: 2 });
    expect(await queue().ids('waiting')).toEqual([]);
    expect(unitsOf(await worker.exchange({ want: 5 }))).toEqual([['a', 'b']]);
    expect(await queue().counts()).toMatchObject({ waiting: 0, aggregating: 0, active: 2 });
  });

  it('once, although its housekeeping is sent again; in bounded steps', async () => {
    const worker = await queue().worker('E');
    for (const key of ['k1', 'k2', 'k3']) await gathered(worker, [`of ${key}`], gather(key));
    queue().pass(10_000);
    expect((await queue().housekeep(2)).more).toBe(1);
    expect((await queue().dump())['r']).toHaveLength(2);
    await queue().housekeep(2);
    const { changed } = await queue().change(() => queue().housekeep(2));
    expect(changed).toEqual({});
    expect((await queue().dump())['r']).toHaveLength(3);
  });

  it('when somebody says so: one by its key, all of a name, or that of a job', async () => {
    const worker = await queue().worker('E');
    for (const key of ['k1', 'k2', 'k3']) await gathered(worker, [`of ${key}`], gather(key));
    const all = { name: 'greet', keyed: 0, key: '', cursor: '0' };
    const fire = (said = {}): Promise<unknown> =>
      queue().run(scripts.fireBatches, { ...queue().lane(), ...all, ...said });
    expect(await fire({ keyed: 1, key: 'none' })).toMatchObject({ fired: 0 });
    expect(await fire({ name: 'gree' })).toMatchObject({ fired: 0, cursor: '0' });
    expect(await fire({ keyed: 1, key: 'k2' })).toMatchObject({ fired: 1 });
    expect(await queue().promote('of k1', 'of k1', 'of k2')).toBe('PSS');
    expect(await fire()).toMatchObject({ fired: 1 });
    expect(unitsOf(await worker.exchange({ want: 9 }))).toEqual([['of k2'], ['of k1'], ['of k3']]);
  });

  it('wakes a worker that is parked', async () => {
    const [worker, parked] = [await queue().worker('E'), await queue().worker('P')];
    await gathered(worker, ['a']);
    await parked.exchange({ want: 1, park: 1 });
    queue().pass(10_000);
    await queue().housekeep();
    expect((await queue().dump())['i']).toBeUndefined();
  });

  it('as urgent as its most urgent member', async () => {
    const worker = await queue().worker('E');
    await queue().add(['a', 'p5', { fields: 'p5' }], 'b', ['c', 'p-3', { fields: 'p-3' }]);
    const jobs = await worker.lease(3);
    await worker.exchange({ ends: zip(jobs, [gather(), gather(), gather()]) });
    await queue().add('plain', ['high', 'p6', { fields: 'p6' }]);
    expect(await queue().counts()).toMatchObject({ waiting: 2, aggregating: 3 });
    expect((await queue().ids('waiting')).toSorted()).toEqual(['high', 'plain']);
    expect(unitsOf(await worker.exchange({ want: 2 }))).toEqual([['alone high'], ['a', 'b', 'c']]);
  });
});

describe('leasing a batch [seed:A13]', () => {
  /** A batch of each key, with so many members, fired. */
  async function fired(worker: LuaWorker, sizes: Readonly<Record<string, number>>): Promise<void> {
    for (const [key, size] of Object.entries(sizes)) {
      const ids = Array.from({ length: size }, (_, i) => `${key}${i}`);
      await gathered(worker, ids, gather(key, { most: 1_000 }));
    }
    await queue().run(scripts.fireBatches, { ...queue().lane(), name: 'greet', keyed: 0, key: '', cursor: '0' });
  }

  it('takes one of the wanted places, whatever its size, behind the other jobs of the call', async () => {
    const worker = await queue().worker('E');
    await fired(worker, { x: 5 });
    await queue().add('p', 'q', 'r');
    expect(unitsOf(await worker.exchange({ want: 3, chunk: 2 }))).toEqual([
      ['alone p'],
      ['alone q'],
      ['x0', 'x1', 'x2', 'x3', 'x4'],
    ]);
  });

  it('is answered alike when the call is sent again', async () => {
    const worker = await queue().worker('E');
    await fired(worker, { x: 3, y: 2 });
    await queue().add('p');
    const first = await worker.exchange({ want: 9 });
    const { reply, changed } = await queue().change(() => worker.exchange({ want: 9, seq: worker.lastSeq() }));
    expect(changed).toEqual({});
    expect([reply.jobs, unitsOf(reply)]).toEqual([first.jobs, unitsOf(first)]);
  });

  it('stops at a thousand members: other batches wait at the front for the next call', async () => {
    const worker = await queue().worker('E');
    await fired(worker, { x: 700, y: 400, z: 200 });
    const first = await worker.exchange({ want: 9, park: 1 });
    expect(unitsOf(first).map(({ length }) => length)).toEqual([700, 200]);
    expect(first.dry).toBe(0);
    expect(unitsOf(await worker.exchange({ want: 9 })).map(({ length }) => length)).toEqual([400]);
  });

  it('comes in parts when it has more than 4 MiB', async () => {
    const worker = await queue().worker('E');
    const payload = `"${'x'.repeat(1_500_000)}"`;
    for (const id of ['a', 'b', 'c', 'd']) {
      await queue().add([id, '', { payload }]);
      await worker.end(await worker.leaseOne(), gather('k', { most: 4 }));
    }
    const first = await worker.exchange({ want: 9, chunk: 1 });
    expect([unitsOf(first), first.dry]).toEqual([[['a', 'b', 'c']], 0]);
    expect(await queue().counts()).toMatchObject({ aggregating: 1, waiting: 0 });
    expect(unitsOf(await worker.exchange({ want: 9 }))).toEqual([['d']]);
  });

  it('leaves out what has expired, and what a newer release has stored', async () => {
    const worker = await queue().worker('E');
    await queue().add('a', ['x', '', { fields: 'x5000' }], 'n');
    const jobs = await worker.lease(3);
    await worker.exchange({ ends: zip(jobs, [gather(), gather(), gather('k', { most: 9 })]) });
    await queue().redis.hset(queue().key('j'), 'n', '2later');
    queue().pass(10_000);
    await queue().housekeep();
    expect(unitsOf(await worker.exchange({ want: 1 }))).toEqual([['a']]);
    expect([await queue().state('x'), await queue().state('n')]).toEqual(['cancelled', 'waiting']);
  });

  it('holds each member for itself: ends, given-back ones and late ones', async () => {
    const worker = await queue().worker('E');
    await fired(worker, { x: 4 });
    const { leased } = await worker.exchange({ want: 1 });
    await worker.exchange({ ends: zip(leased, ['5', 'r5\t0\t\t{}', 'g0\t\t\t', 'f5\t\t\t{}']) });
    const states = await Promise.all(['x0', 'x1', 'x2', 'x3'].map((id) => queue().state(id)));
    expect(states).toEqual(['completed', 'retrying', 'waiting', 'failed']);
    expect((await worker.end(leased[0])).refused).toBe('1');
    expect((await worker.lease(1)).map(({ id }) => id)).toEqual(['x2']);
  });

  it('comes back member by member, in front and suspect, when its worker is lost; a marked start is charged', async () => {
    const [dead, worker] = [await queue().worker('D', 1_000), await queue().worker('E')];
    await fired(worker, { x: 3 });
    const { leased } = await dead.exchange({ want: 1 });
    await dead.start(leased[1]);
    await queue().add('behind');
    for (let n = 0; n < 4; n++) {
      queue().pass(300);
      await queue().housekeep();
    }
    const back = await worker.lease(9);
    expect(back.map(({ id, header }) => [id, header])).toEqual([
      ['x0', '10,0,0,0,S,'],
      ['x1', '10,1,0,0,SY,'],
      ['x2', '10,0,0,0,S,'],
      ['behind', undefined],
    ]);
    await worker.exchange({
      ends: zip(
        back,
        back.map(() => gather('again')),
      ),
    });
    expect(await queue().counts()).toMatchObject({ aggregating: 4, active: 0 });
  });
});

describe('batches', () => {
  it('are listed by the time at which they fire, a page at a time', async () => {
    const worker = await queue().worker('E');
    await gathered(worker, ['a', 'b'], gather('slow', { grace: 30_000 }));
    queue().pass(5);
    await gathered(worker, ['c'], gather('quick'));
    const first = await queue().run(scripts.batches, { cursor: '', limit: 1 });
    expect(first.rows).toEqual(['greet', 'quick', '1', String(START + 5), String(START + 10_005)]);
    const second = await queue().run(scripts.batches, { cursor: first.cursor, limit: 5 });
    expect(second).toEqual({
      code: 'OK',
      rows: ['greet', 'slow', '2', String(START), String(START + 30_000)],
      cursor: '',
    });
  });

  it('work when memory is full', async () => {
    const worker = await queue().worker('E');
    await queue().add('a', 'b');
    const jobs = await worker.lease(2);
    await queue().withFullMemory(async () => {
      await worker.exchange({ ends: zip(jobs, [gather('k', { most: 2 }), gather('k', { most: 2 })]) });
      expect(unitsOf(await worker.exchange({ want: 5 }))).toEqual([['a', 'b']]);
    });
  });
});

describe('an end that is none', () => {
  it.each([
    ['without a name', 'a0\t\t\t1,1,1,k'],
    ['without numbers', 'a0\t\tgreet\tk'],
    ['with a key of more lines', 'a0\t\tgreet\t1,1,1,k\nk'],
  ])('%s is refused before anything is written', async (_, code) => {
    const worker = await queue().worker('E');
    await queue().add('a');
    const job: Held = await worker.leaseOne();
    await expect(worker.end(job, code)).rejects.toThrow(/PROTOCOL An end/);
    expect(await queue().counts()).toMatchObject({ active: 1, aggregating: 0 });
  });
});

describeMalformed(
  queue,
  'fire-batches',
  [
    ...malformedLanes('greet', 0, '', '0'),
    ['no name', ['lane', 1, '', 0, '', '0'], /PROTOCOL The name/],
    ['another cursor', ['lane', 1, 'greet', 0, '', 'x'], /PROTOCOL A cursor/],
    ['neither with a key nor without', ['lane', 1, 'greet', 2, '', '0'], /PROTOCOL keyed/],
  ],
  (prepared) => prepared.add('a'),
);
