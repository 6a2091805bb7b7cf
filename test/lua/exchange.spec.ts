import { describe, expect, it } from '@jest/globals';

import { luaQueue } from './support/harness.js';
import { START, TABLE } from './support/lua-queue.js';
import { LuaWorker } from './support/lua-worker.js';
import { describeMalformed } from './support/malformed.js';
import { envelope, outcome } from './support/records.js';

const queue = luaQueue();

describe('exchange leases', () => {
  it('the first jobs of the queue, and writes nothing to them [core:A3, core:A14] [seed:H9]', async () => {
    await queue().add('a', 'b', 'c');
    const worker = await queue().worker('E');
    queue().pass(10);
    const { reply, changed } = await queue().change(() => worker.exchange({ want: 2 }));
    expect(reply).toMatchObject({ refused: '', bits: '', pause: 0, taken: '', dry: 0, due: -1 });
    expect(reply.jobs).toEqual(['a', envelope(START), 'b', envelope(START)]);
    expect(changed).toEqual({
      r: ['c'],
      'h:E': {
        '\t0': '1,',
        '\topen': `1,30000,${START}`,
        ...TABLE,
        '\tslots': '1',
        '\tleased': '1000000000002',
        a: '0.1.1000000000000',
        b: '0.1.1000000000001',
      },
      L: { E: START + 30_010 },
    });
  });

  it('nothing twice: a hundred workers that want the last job get it once [case:X1] [seed:I3]', async () => {
    await queue().add('only');
    const workers = await Promise.all(Array.from({ length: 100 }, (_, i) => queue().worker(`E${i}`)));
    const leased = await Promise.all(workers.map((worker) => worker.lease(1)));
    expect(leased.flat()).toHaveLength(1);
  });

  it('a job with its header, and says what the hold must know of it', async () => {
    await queue().add('first', ['a', '', { fields: 'k1000:,x90000,s2' }]);
    const worker = await queue().worker('E');
    await worker.exchange({ want: 2 });
    await worker.exchange({ ends: [[{ id: 'a', token: '0.1' }, 'r7\t100\t\t{"message":"no"}']] });
    queue().pass(100);
    await queue().housekeep();
    const { leased } = await worker.exchange({ want: 1 });
    expect(leased[0]).toMatchObject({ id: 'a', header: '11,0,0,0,Y,' });
    expect(await queue().dump()).toMatchObject({
      'h:E': { a: '0.3.1000000000002k1000:,x90000,s2HY', first: '0.1.1000000000000' },
    });
  });

  it('in chunks, and stops after the one that passed 4 MiB [core:A16]', async () => {
    const big = { payload: JSON.stringify('x'.repeat(1_500_000)) };
    await queue().add(['a', '', big], ['b', '', big], ['c', '', big], ['d', '', big]);
    const worker = await queue().worker('E');
    const first = await worker.exchange({ want: 4, chunk: 1 });
    expect(first.leased.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(first.dry).toBe(0);
    expect((await worker.lease(4)).map(({ id }) => id)).toEqual(['d']);
  });

  it('a thousand at most in one call, whoever asks for more, and says that there are more [core:A16]', async () => {
    for (const part of ['a', 'b', 'c']) await queue().add(...Array.from({ length: 500 }, (_, i) => `${part}${i}`));
    const worker = await queue().worker('E');
    const reply = await worker.exchange({ want: 10_000, chunk: 10_000 });
    expect([reply.leased.length, reply.dry]).toEqual([1_000, 0]);
    expect(await worker.exchange({ want: 10_000, chunk: 10_000 })).toMatchObject({ dry: 1 });
    expect(await queue().counts()).toMatchObject({ active: 1_500 });
  });

  it('nothing while the queue is paused, and takes ends all the same [seed:Q25]', async () => {
    await queue().add('a', 'b');
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    await queue().raw('pause', 1);
    const reply = await worker.exchange({ want: 5, ends: [[job, '3']] });
    expect(reply).toMatchObject({ jobs: [], pause: 1, dry: 1, refused: '' });
    expect(await queue().state('a')).toBe('completed');
  });

  it('nothing where a feature of the queue is unknown, and takes ends all the same [core:A22]', async () => {
    await queue().add('a', 'b');
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    await queue().redis.hset(queue().key('q'), 'bits', 'Z');
    expect(await worker.exchange({ want: 5, ends: [[job, '3']] })).toMatchObject({ jobs: [], bits: 'Z', refused: '' });
    expect(await queue().state('a')).toBe('completed');
  });

  it('no job that is past its expiry: that one is cancelled with the reason', async () => {
    await queue().add(['a', '', { fields: 'x1000' }], ['b', '', { fields: 'x1001' }]);
    queue().pass(1_000);
    const worker = await queue().worker('E');
    expect((await worker.lease(5)).map(({ id }) => id)).toEqual(['b']);
    const dump = await queue().dump();
    expect(dump['f:cancelled']).toEqual({ a: START + 1_000 });
    expect(dump['o']).toEqual({ a: expect.stringMatching(/^x1800000001000,0,0\n.*"kind":"expired"/) });
  });

  it('a job of priority 0 with an expiry behind ghosts, and counts them right', async () => {
    await queue().add('gone', ['late', '', { fields: 'x10' }], 'also gone', 'a');
    await queue().cancel('gone', 'also gone');
    queue().pass(10);
    const { reply, changed } = await queue().change(async () => (await queue().worker('E')).lease(5));
    expect(reply.map(({ id }) => id)).toEqual(['a']);
    expect(changed['q']).toMatchObject({ ghosts: '0' });
  });
});

describe('exchange leaves jobs that it cannot read to a newer worker', () => {
  it.each([
    ['of a later format', `2${START}\tgreet\t\t\n{}`],
    ['with a flag that it does not know', `1${START}q\tgreet\tq1\t\n{}`],
    ['with fields of another form', `1${START}p\tgreet\tp1.5\t\n{}`],
    ['that has no parts at all', '1'],
    ['of an empty envelope', ''],
  ])('%s [core:A22]', async (_, text) => {
    await queue().add('odd', 'a');
    await queue().redis.hset(queue().key('j'), 'odd', text);
    const worker = await queue().worker('E');
    expect((await worker.lease(5)).map(({ id }) => id)).toEqual(['a']);
    const dump = await queue().dump();
    expect(dump['u:\tformat']).toEqual({ odd: 1 });
    expect(dump['un']).toEqual(['\tformat']);
  });

  it('with a header of a later format or letter, which stays as it is [core:A22]', async () => {
    await queue().add('a', 'b', 'c');
    await queue().redis.hset(queue().key('m'), { a: '20,0,0,0,,', b: '10,0,0,0,Q,' });
    const worker = await queue().worker('E');
    expect((await worker.lease(5)).map(({ id }) => id)).toEqual(['c']);
    expect((await queue().dump())['m']).toEqual({ a: '20,0,0,0,,', b: '10,0,0,0,Q,' });
    expect(Object.keys((await queue().dump())['u:\tformat'] ?? {})).toEqual(['a', 'b']);
  });
});

describe('exchange proves who holds a job', () => {
  it('by the call that leased it: a late end of an earlier hold is refused [core:A2] [seed:H12]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    const first = await worker.leaseOne();
    await worker.end(first, 'g0\t0\t\t');
    const second = await worker.leaseOne();
    expect(second).toMatchObject({ id: 'a', token: '0.3' });
    const { reply, changed } = await queue().change(() => worker.end(first, '5'));
    expect(reply.refused).toBe('1');
    expect(changed).toEqual({ 'h:E': expect.objectContaining({ a: '0.3.1000000000001' }) });
    expect((await worker.end(second, '5')).refused).toBe('');
  });

  it('by the whole token, not by its beginning [core:A2]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    for (let i = 0; i < 11; i++) await worker.exchange();
    const job = await worker.leaseOne();
    expect(job.token).toBe('0.12');
    expect((await worker.end({ id: 'a', token: '0.1' })).refused).toBe('1');
    expect(await queue().state('a')).toBe('active');
  });

  it('by the epoch: what another one holds, or nobody, is refused [case:X3] [seed:Q6, seed:H12]', async () => {
    await queue().add('a');
    const [holder, other] = [await queue().worker('E'), await queue().worker('F')];
    const job = await holder.leaseOne();
    expect((await other.end(job)).refused).toBe('1');
    await holder.end(job);
    expect((await holder.end(job)).refused).toBe('1');
    expect((await queue().dump())['o']).toEqual({ a: outcome('c', START, 1, 5) });
  });

  it.each(['1', 'c1\t\t\tagain', 'r2\t0\t\t'])(
    'and ends a job once where one call names it twice, the second time by %j',
    async (code) => {
      await queue().add('a', 'b');
      const worker = await queue().worker('E');
      const [a, b] = await worker.lease(2);
      await queue().configure('listening', '60000');
      const reply = await worker.exchange({
        ends: [
          [a, '1'],
          [a, code],
          [b, '3'],
        ],
      });
      expect(reply.refused).toBe('2');
      const dump = await queue().dump();
      expect(await queue().told()).toEqual(['g\t\t', 'c\ta\t', 'c\tb\t']);
      expect(dump['o']).toEqual({ a: outcome('c', START, 1, 1), b: outcome('c', START, 1, 3) });
    },
  );

  it('and answers an epoch that was never opened, writing nothing [core:A4]', async () => {
    await queue().add('a');
    const stranger = new LuaWorker(queue(), 'nobody');
    const { reply, changed } = await queue().change(() => stranger.call({ want: 5 }));
    expect(reply).toEqual({ code: 'EPOCH_GONE' });
    expect(changed).toEqual({});
  });

  it('and answers an epoch whose lease ran out, writing nothing [core:A4] [seed:A14]', async () => {
    await queue().add('a', 'b');
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    await queue().housekeep();
    queue().pass(9_000);
    await queue().housekeep();
    queue().pass(9_000);
    await queue().housekeep();
    queue().pass(9_000);
    await queue().housekeep();
    queue().pass(4_000);
    await queue().housekeep();
    const { reply, changed } = await queue().change(() => worker.call({ want: 5, ends: [[job, '5']] }));
    expect(reply).toEqual({ code: 'EPOCH_GONE' });
    expect(changed).toEqual({});
    expect(await queue().ids('waiting')).toEqual(['a', 'b']);
  });

  it('and does not take an inner field of the epoch for a job', async () => {
    const worker = await queue().worker('E');
    for (const id of ['\topen', '\t0', '\ttaken']) {
      expect((await worker.end({ id, token: '1.1' }, '5')).refused).toBe('1');
    }
  });
});

describe('exchange sent again', () => {
  it('gives the same jobs and the same refusals, and holds nothing more [core:A1, core:A9, core:A13]', async () => {
    await queue().add('a', 'b', 'c', 'd');
    const worker = await queue().worker('E');
    const mine = await worker.leaseOne();
    const call = {
      seq: 2,
      want: 2,
      ends: [
        [mine, '5'],
        [{ id: 'x', token: '0.1' }, '5'],
      ],
    } as const;
    const first = await worker.exchange(call);
    const { reply, changed } = await queue().change(() => worker.exchange(call));
    expect(reply).toEqual({ ...first, dry: 0, due: -1 });
    expect(reply).toMatchObject({ refused: '2', jobs: ['b', envelope(START), 'c', envelope(START)] });
    expect(changed).toEqual({});
    expect(await queue().counts()).toMatchObject({ active: 2, waiting: 1 });
  });

  it('counts an outcome once, and says that it was taken [core:A9, case:C4]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    const call = { seq: 2, ends: [[job, 'r5\t1000\t\t{"message":"no"}']] } as const;
    expect((await worker.exchange(call)).refused).toBe('');
    expect((await worker.exchange(call)).refused).toBe('');
    expect((await queue().dump())['m']).toEqual({ a: '11,0,0,0,Y,' });
  });

  it('leaves out what was taken away meanwhile', async () => {
    await queue().add('a', 'b');
    const worker = await queue().worker('E');
    await worker.exchange({ seq: 1, want: 2 });
    await queue().cancel('a');
    const again = await worker.exchange({ seq: 1, want: 2 });
    expect(again.jobs).toEqual(['b', envelope(START)]);
    expect(again.taken).toBe('1\ta\t0.1\tcancelled\n');
  });

  it('brings headers as well, in the order of the jobs', async () => {
    const ids = Array.from({ length: 700 }, (_, i) => `p-${i.toString(36)}`);
    await queue().add(...ids);
    await queue().redis.hset(queue().key('m'), Object.fromEntries(ids.slice(0, 3).map((id) => [id, '12,0,0,0,,'])));
    const worker = await queue().worker('E');
    const first = await worker.exchange({ seq: 1, want: 700 });
    const again = await worker.exchange({ seq: 1, want: 700 });
    expect(again.jobs).toEqual(first.jobs);
    expect(again.headers).toEqual(['1', '12,0,0,0,,', '2', '12,0,0,0,,', '3', '12,0,0,0,,']);
  });

  it('late, after a later call of its slot, does nothing [core:A1]', async () => {
    await queue().add('a', 'b');
    const worker = await queue().worker('E');
    await worker.exchange({ seq: 1 });
    await worker.exchange({ seq: 2 });
    const { reply, changed } = await queue().change(() => worker.call({ seq: 1, want: 2 }));
    expect(reply).toEqual({ code: 'OLD' });
    expect(changed).toEqual({});
  });

  it('is told from a call of another slot [core:A1]', async () => {
    await queue().add('a', 'b', 'c');
    const worker = await queue().worker('E');
    const [one, two] = [await worker.exchange({ slot: '0', want: 1 }), await worker.exchange({ slot: '1', want: 1 })];
    expect([one.leased[0], two.leased[0]]).toMatchObject([
      { id: 'a', token: '0.1' },
      { id: 'b', token: '1.1' },
    ]);
    expect((await worker.exchange({ slot: '1', seq: 1, want: 1 })).jobs).toEqual(['b', envelope(START)]);
  });
});

const one = ['E', '0', 1, 1, 100, 0, 0] as const;

describeMalformed(
  queue,
  'exchange',
  [
    ['a slot that is no word', ['E', 'a.b', 1, 1, 100, 0, 0], /PROTOCOL The slot/],
    ['an empty slot', ['E', '', 1, 1, 100, 0, 0], /PROTOCOL The slot/],
    ['a slot named as an inner field is', ['E', 'open', 1, 1, 100, 0, 0], /PROTOCOL The slot/],
    ['a slot named taken', ['E', 'taken', 1, 1, 100, 0, 0], /PROTOCOL The slot/],
    ['a seq of 0', ['E', '0', 0, 1, 100, 0, 0], /PROTOCOL seq/],
    ['a seq that is no number', ['E', '0', 'x', 1, 100, 0, 0], /PROTOCOL seq/],
    ['a negative want', ['E', '0', 1, -1, 100, 0, 0], /PROTOCOL want/],
    ['a want with a fraction', ['E', '0', 1, 1.5, 100, 0, 0], /PROTOCOL want/],
    [
      'a want without end',
      ['E', '0', 1, 'inf', 100, 0, 0],
      /PROTOCOL want is not a whole number from 0 to 9007199254740991/,
    ],
    ['a chunk of 0', ['E', '0', 1, 1, 0, 0, 0], /PROTOCOL chunk/],
    ['a chunk that is no number', ['E', '0', 1, 1, 'all', 0, 0], /PROTOCOL chunk/],
    ['a park that is none', ['E', '0', 1, 1, 100, 3, 0], /PROTOCOL park/],
    ['a received that is no number', ['E', '0', 1, 1, 100, 0, ''], /PROTOCOL received/],
    ['an end without its code', [...one, 'a'], /PROTOCOL The last row/],
    ['more than 1,000 ends', [...one, ...Array.from({ length: 2_002 }, () => 'x')], /PROTOCOL More than 1000 rows/],
    ['an end without a token', [...one, 'a', '\t5'], /PROTOCOL An end/],
    ['a success with a text for its duration', [...one, 'held', '1.1\t5x'], /PROTOCOL An end/],
    ['a token that is a part of one', [...one, 'held', '1\t5'], /PROTOCOL An end/],
    ['an end without a duration', [...one, 'a', '0.1\tc'], /PROTOCOL An end/],
    ['a token that no call can have', [...one, 'held', '1,30000\t5'], /PROTOCOL An end/],
    ['an end with a letter that is none', [...one, 'a', '0.1\ty5\t0\t\t'], /PROTOCOL An end/],
    ['an end as only the core may end a run', [...one, 'a', '0.1\ts5\t0\t\t'], /PROTOCOL An end/],
    ['an end with a delay that is no number', [...one, 'a', '0.1\tr5\tsoon\t\t'], /PROTOCOL An end/],
    ['an end with a delay beyond all time', [...one, 'a', '0.1\tr5\t1234567890123456\t\t'], /PROTOCOL An end/],
    ['an unknown name that is not said', [...one, 'a', '0.1\tn5\t0\t\t'], /PROTOCOL An end/],
    ['a name with a line break', [...one, 'a', '0.1\tn5\t0\ta\nb\t'], /PROTOCOL An end/],
    ['a bad end behind a good one', [...one, 'held', '0.1\t5', 'a', '0.1\ty5\t0\t\t'], /PROTOCOL An end/],
  ],
  async (prepared) => {
    await prepared.add('held', 'a');
    await prepared.raw('open', 'E', 1, 30_000, 'x');
    await prepared.raw('exchange', 'E', '1', 1, 1, 100, 0, 0);
  },
);
