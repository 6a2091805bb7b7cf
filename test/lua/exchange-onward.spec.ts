import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { luaQueue, type TestQueue } from './support/harness.js';
import { assertInvariants } from './support/invariants.js';
import { START } from './support/lua-queue.js';
import type { LuaWorker } from './support/lua-worker.js';
import { body, type JobSketch } from './support/records.js';

const queue = luaQueue({ slot: 'shop' });
let other: TestQueue;
let worker: LuaWorker;

beforeEach(async () => {
  other = await queue().neighbour('other');
  worker = await queue().worker('E');
});
afterEach(() => assertInvariants(other));

/** The end of a job that completes and is followed by another. */
function followedBy(head: string, sketch: JobSketch = {}, to = '', result = ''): string {
  const text = body(sketch);
  return `q7\t\t\t${Buffer.byteLength(head)},${Buffer.byteLength(text)}\t${to}\n${head}${text}${result}`;
}

/** The end of a job that goes on elsewhere. */
function movedTo(to: string, how = '', name = '', data?: string): string {
  return `m7\t\t\t${to}\t${how}\t${name}\t${data === undefined ? 0 : 1}\n${data ?? ''}`;
}

describe('an attempt that ends with q', () => {
  it('completes its job and adds another, here [seed:Q5]', async () => {
    await queue().add('a');
    const job = await worker.leaseOne();
    const { changed } = await queue().change(() => worker.end(job, followedBy('b', { name: 'é' }, '', '{"n":"\n"}')));
    expect(changed).toMatchObject({
      o: { a: `c${START},1,7\n{"n":"\n"}` },
      fc: ['a'],
      j: { b: `1${START}\té\t\t\n{}` },
      r: ['b'],
    });
  });

  it('adds it to another queue of the slot, with its time, priority, and tags [seed:Q5]', async () => {
    await queue().add('a');
    await other.configure('listening', '60000');
    await worker.end(await worker.leaseOne(), followedBy('b\td20,p5\nt\tred', { fields: 'p5' }, 'other', '42'));
    expect(await other.dump()).toMatchObject({
      d: { b: START + 20 },
      'tg:red': { b: START },
      m: { b: '10,0,0,0,T,5' },
    });
    expect(await other.told()).toContain('d\tb\tgreet');
    expect((await queue().dump())['o']).toEqual({ a: `c${START},1,7\n42` });
    other.now = START + 20;
    await other.housekeep();
    expect(Object.keys((await other.dump())['pp'] ?? {})).toEqual(['b']);
  });

  it('keeps many of one call apart, of several queues', async () => {
    await queue().add('a', 'b', 'c');
    const [a, b, c] = await worker.lease(3);
    await worker.exchange({
      ends: [
        [a, followedBy('a2', {}, 'other')],
        [b, followedBy('b2')],
        [c, followedBy('c2', { payload: 'x' }, 'own', 'r')],
      ],
    });
    expect([await queue().ids('waiting'), await other.ids('waiting')]).toEqual([['b2', 'c2'], ['a2']]);
    expect(await queue().counts()).toMatchObject({ active: 0, finished: ['3', '0', '0', '0', '0'] });
  });

  it('sent again, or without the hold, adds nothing [seed:Q5, core:A9]', async () => {
    await queue().add('a');
    const job = await worker.leaseOne();
    const ends = [[job, followedBy('b', {}, 'other')]] as const;
    await worker.exchange({ ends });
    const { changed } = await other.change(async () => {
      await worker.exchange({ ends, seq: worker.lastSeq() });
      expect((await worker.exchange({ ends })).refused).toBe('1');
    });
    expect(changed).toEqual({});
  });

  it('fails, and adds nothing, where the other queue cannot be reached [core:A21]', async () => {
    await queue().add('a', 'c');
    const [a, c] = await worker.lease(2);
    const { refused } = await worker.exchange({
      ends: [
        [{ ...c!, token: '1.99' }, '3'],
        [a, followedBy('b', {}, 'strange')],
        [c, '3'],
      ],
    });
    expect(refused).toBe('1,2S');
    expect((await queue().dump())['o']).toMatchObject({ a: expect.stringMatching(/^f\d+,1,7\n.*"code":"CROSS_SLOT"/) });
    expect(await queue().ids('waiting')).toEqual([]);
  });

  it('works when memory is full', async () => {
    await queue().add('a');
    const job = await worker.leaseOne();
    await queue().withFullMemory(() => worker.end(job, followedBy('b')));
    expect(await queue().ids('waiting')).toEqual(['b']);
  });

  it.each([
    ['no lengths', 'b'],
    ['a length too great', '5,900\t\nb\t'],
    ['no id', `0,6\t\n${body()}`],
    ['a given id', `7,${body().length}\t\nb\tck,m5${body()}`],
    ['a unique key', `10,${body().length}\t\nb\t\nu\t1\t\t5\tk${body()}`],
    ['a body that is none', '1,3\t\nbabc'],
  ])('is refused as a call if what follows has %s, and nothing changes', async (_, text) => {
    await queue().add('a');
    const job = await worker.leaseOne();
    const before = await queue().dump();
    await expect(worker.end(job, `q7\t\t\t${text}`)).rejects.toThrow(/PROTOCOL/);
    expect(await queue().dump()).toEqual(before);
  });
});

describe('an attempt that ends with m', () => {
  it('moves its job to another queue, as new, with other data or its own [seed:Q5, seed:R2]', async () => {
    await queue().add(['a', '', { payload: 'one' }], ['b', '', { payload: 'two' }]);
    await queue().configure('listening', '60000');
    const [a, b] = await worker.lease(2);
    await queue().raw('note', 'E', 'a', a!.token, 'l', '1', 'line');
    await worker.exchange({
      ends: [
        [a, movedTo('other')],
        [b, movedTo('other', 'd20,p7', 'ship', 'new\n')],
      ],
    });
    expect(await other.dump()).toMatchObject({
      j: { a: `1${START}\tgreet\t\t\none`, b: `1${START}\tship\t\t\nnew\n` },
      d: { b: START + 20 },
      r: ['a\t1'],
    });
    const left = await queue().dump();
    for (const key of ['j', 'm', 'o', 's:a']) expect(left[key]).toBeUndefined();
    expect((await queue().told()).filter((line) => line.startsWith('m'))).toEqual(['m\ta\tgreet', 'm\tb\tship']);
    expect(await queue().counts()).toMatchObject({ active: 0 });
  });

  it('renews the attempts, also into its own queue [seed:Q5]', async () => {
    await queue().add('a');
    await worker.end(await worker.leaseOne(), 'r1\t0\t\tno');
    await queue().housekeep();
    await worker.end(await worker.leaseOne(), movedTo(''));
    expect(await queue().dump()).toMatchObject({ m: { a: expect.stringMatching(/^10,0,0,/) } });
    expect((await queue().dump())['e']).toBeUndefined();
    await worker.end(await worker.leaseOne(), '3');
    expect((await queue().dump())['o']).toEqual({ a: `c${START},1,3\n` });
  });

  it('fails if the id is taken there, or the queue cannot be reached, and then nothing moves [core:A21]', async () => {
    await queue().add('a', 'b');
    await other.add('a');
    const [a, b] = await worker.lease(2);
    const before = await other.dump();
    const ends = [
      [a, movedTo('other')],
      [b, movedTo('strange')],
    ] as const;
    expect((await worker.exchange({ ends })).refused).toBe('1T,2S');
    expect((await worker.exchange({ ends, seq: worker.lastSeq() })).refused).toBe('1T,2S');
    expect((await worker.exchange({ ends })).refused).toBe('1,2');
    const outcome = (code: string): unknown => expect.stringMatching(new RegExp(`^f\\d+,1,7\\n.*"code":"${code}"`));
    expect((await queue().dump())['o']).toEqual({ a: outcome('JOB_CONFLICT'), b: outcome('CROSS_SLOT') });
    expect(await other.dump()).toEqual(before);
  });

  it('of two jobs with one unique key in one call moves one', async () => {
    const third = await queue().neighbour('third');
    await queue().raw('add-checked', 'l', 1, 1, 'a\t\nu\t7\tu\t\tj', body({ fields: 'u7' }));
    await worker.end(await worker.leaseOne(), movedTo('other'));
    await queue().raw('add-checked', 'l', 2, 1, 'b\t\nu\t7\tu\t\tj', body({ fields: 'u7' }));
    expect((await worker.end(await worker.leaseOne(), movedTo('other'))).refused).toBe('1D');
    expect((await queue().dump())['o']).toEqual({ b: expect.stringMatching(/JOB_CONFLICT/) });
    expect((await other.dump())['uk']).toEqual({ '7': 'a\t' });
    await assertInvariants(third);
  });

  it.each(['', 'other', 'other\tz\t\t0\n', 'other\t\t\t2\n', 'other\tcr,m5\t\t0\n'])(
    'is refused as a call if where it goes is %j, and nothing changes',
    async (text) => {
      await queue().add('a');
      const job = await worker.leaseOne();
      const before = await queue().dump();
      await expect(worker.end(job, `m7\t\t\t${text}`)).rejects.toThrow(/PROTOCOL/);
      expect(await queue().dump()).toEqual(before);
    },
  );
});
