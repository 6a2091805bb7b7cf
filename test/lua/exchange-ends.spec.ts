import { describe, expect, it } from '@jest/globals';

import { luaQueue } from './support/harness.js';
import { START, TABLE } from './support/lua-queue.js';
import { outcome } from './support/records.js';

const queue = luaQueue();

/** A worker that holds jobs a and b, and the queue has c. */
async function holding() {
  await queue().add('a', 'b', 'c');
  const worker = await queue().worker('E');
  const [a, b] = await worker.lease(2);
  queue().pass(50);
  return { worker, a: a!, b: b! };
}

const AT = START + 50;
const rest = {
  L: { E: AT + 30_000 },
  'h:E': {
    '\t0': '2,',
    '\topen': `1,30000,${START}`,
    ...TABLE,
    '\tslots': '1',
    '\tleased': '1000000000002',
    b: '0.1.1000000000001',
  },
};

/** What the index of failures has of the job a alone. */
const grouped = (group: string): Record<string, unknown> => ({
  fk: { a: group },
  fg: { [group]: 1 },
  [`fe:${group}`]: { a: AT },
});

describe('an end of an attempt', () => {
  it('c: the job is completed, with its result and how long it took', async () => {
    const { worker, a } = await holding();
    const { changed } = await queue().change(() => worker.end(a, 'c12\t\t\t{"ok":true}'));
    expect(changed).toEqual({ ...rest, o: { a: outcome('c', AT, 1, 12, '{"ok":true}') }, fc: ['a'] });
  });

  it('c in short form: completed without a result [seed:H3]', async () => {
    const { worker, a } = await holding();
    const { changed } = await queue().change(() => worker.end(a, '12'));
    expect(changed).toEqual({ ...rest, o: { a: outcome('c', AT, 1, 12) }, fc: ['a'] });
  });

  it('c in short form with a result', async () => {
    const { worker, a } = await holding();
    await worker.end(a, '12\t5\tand more');
    expect((await queue().dump())['o']).toEqual({ a: outcome('c', AT, 1, 12, '5\tand more') });
  });

  it('r: a failure is charged, the job waits for its time, and the error is kept [seed:Q8, seed:I11]', async () => {
    const { worker, a } = await holding();
    const { changed } = await queue().change(() => worker.end(a, 'r12\t1000\t\t{"message":"no"}'));
    expect(changed).toEqual({
      ...rest,
      m: { a: '11,0,0,0,Y,' },
      t: { a: AT + 1_000 },
      e: { a: '{"message":"no"}' },
      'hs:a': [`r${AT}\t1\t12\tE\t\n{"message":"no"}`],
    });
  });

  it('u: the same, uncounted', async () => {
    const { worker, a } = await holding();
    const { changed } = await queue().change(() => worker.end(a, 'u12\t1000\t\t'));
    expect(changed).toEqual({
      ...rest,
      m: { a: '10,0,1,0,Y,' },
      t: { a: AT + 1_000 },
      'hs:a': [`u${AT}\t1\t12\tE\t\n`],
    });
  });

  it('z: a snooze waits as a delayed job does, uncounted; a failure after it begins the count anew', async () => {
    const { worker, a } = await holding();
    const { changed } = await queue().change(() => worker.end(a, 'z12\t1000\t\t'));
    expect(changed).toEqual({
      ...rest,
      m: { a: '10,0,1,0,Y,' },
      d: { a: AT + 1_000 },
      'hs:a': [`z${AT}\t1\t12\tE\t\n`],
    });
    await queue().promote('a');
    await worker.lease(1);
    const again = (await worker.lease(1))[0]!;
    await worker.end(again, 'r1\t0\t\t');
    expect((await queue().dump())['m']).toEqual({ a: '11,0,0,0,Y,' });
  });

  it.each([
    ['f', 'failed', 'Error'],
    ['t', 'timed_out', 'timeout'],
  ])('%s: the job is %s, the failure is charged', async (letter, state, kind) => {
    const { worker, a } = await holding();
    const { changed } = await queue().change(() => worker.end(a, `${letter}12\t\t\t{"message":"no"}`));
    expect(changed).toEqual({
      ...rest,
      m: { a: '11,0,0,0,Y,' },
      'hs:a': [`${letter}${AT}\t1\t12\tE\t\n{"message":"no"}`],
      ...grouped(`greet:${kind}`),
      o: { a: outcome(letter, AT, 1, 12, '{"message":"no"}') },
      [`f:${state}`]: { a: AT },
    });
  });

  it.each([
    ['b', 'broken', grouped('greet:broken')],
    ['x', 'cancelled', {}],
  ])('%s: the job is %s, nothing is charged', async (letter, state, group) => {
    const { worker, a } = await holding();
    const { changed } = await queue().change(() => worker.end(a, `${letter}12\t\t\twhy`));
    expect(changed).toEqual({
      ...rest,
      ...group,
      m: { a: '10,0,0,0,Y,' },
      'hs:a': [`${letter}${AT}\t1\t12\tE\t\nwhy`],
      o: { a: outcome(letter, AT, 1, 12, 'why') },
      [`f:${state}`]: { a: AT },
    });
  });

  it('g: given back to the front of the queue, uncharged', async () => {
    const { worker, a } = await holding();
    const { changed } = await queue().change(() => worker.end(a, 'g0\t0\t\t'));
    expect(changed).toEqual({ ...rest, r: ['a', 'c'] });
  });

  it('n: nobody here has a handler; the job waits by its name, apart [core:B3]', async () => {
    const { worker, a } = await holding();
    const { changed } = await queue().change(() => worker.end(a, 'n0\t0\tgreet\t'));
    expect(changed).toEqual({
      ...rest,
      q: expect.objectContaining({ aside: '1' }),
      un: ['greet'],
      'u:greet': { a: 1 },
    });
    expect(await queue().state('a')).toBe('waiting');
    expect((await worker.lease(5)).map(({ id }) => id)).toEqual(['c']);
  });

  it('keeps the bytes of a result', async () => {
    const { worker, a } = await holding();
    const text = '{"a":"\\u0000 tab\\t\n\t5\r\n 😀"}';
    await worker.end(a, `c1\t\t\t${text}`);
    expect((await queue().dump())['o']).toEqual({ a: outcome('c', AT, 1, 1, text) });
  });

  it('numbers the attempt by what was charged before', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    for (let failures = 1; failures <= 2; failures++) {
      await worker.end(await worker.leaseOne(), 'r1\t0\t\t{"message":"no"}');
      await queue().promote('a');
    }
    await worker.end(await worker.leaseOne(), '7');
    const dump = await queue().dump();
    expect(dump['o']).toEqual({ a: outcome('c', START, 3, 7) });
    expect(dump['e']).toBeUndefined();
  });
});

describe('jobs given back', () => {
  it('stand at the front in the order in which they are named, those with a priority before all others', async () => {
    await queue().add('a', ['p', 'p5', { fields: 'p5' }], 'b', ['low', 'p-1', { fields: 'p-1' }], 'c', [
      'q',
      'p5',
      { fields: 'p5' },
    ]);
    const worker = await queue().worker('E');
    const jobs = await worker.lease(6);
    expect(jobs.map(({ id }) => id)).toEqual(['p', 'q', 'a', 'b', 'c', 'low']);
    await queue().add('new', ['r', 'p5', { fields: 'p5' }], ['lower', 'p-1', { fields: 'p-1' }]);
    await worker.exchange({ ends: jobs.map((job) => [job, 'g0\t0\t\t']) });
    expect((await worker.lease(9)).map(({ id }) => id)).toEqual(['p', 'q', 'r', 'a', 'b', 'c', 'new', 'low', 'lower']);
  });

  it('wake parked workers', async () => {
    const { worker, a, b } = await holding();
    await (await queue().worker('F')).exchange({ want: 5, park: 1 });
    await queue().redis.sadd(queue().key('i'), 'F', 'E');
    await worker.exchange({
      ends: [
        [a, 'g0\t0\t\t'],
        [b, 'g0\t0\t\t'],
      ],
    });
    expect((await queue().dump())['i']).toBeUndefined();
  });

  it('keep their order over several calls', async () => {
    await queue().add('a', ['p', 'p5', { fields: 'p5' }], 'b', ['q', 'p5', { fields: 'p5' }]);
    const worker = await queue().worker('E');
    const [p, q, a, b] = await worker.lease(4);
    await worker.exchange({
      ends: [
        [b, 'g0\t0\t\t'],
        [q, 'g0\t0\t\t'],
      ],
    });
    await worker.exchange({
      ends: [
        [a, 'g0\t0\t\t'],
        [p, 'g0\t0\t\t'],
      ],
    });
    expect((await worker.lease(9)).map(({ id }) => id)).toEqual(['p', 'q', 'a', 'b']);
  });

  it('keep what was charged to them, and their suspicion', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'r1\t0\t\t');
    await queue().promote('a');
    const { changed } = await queue().change(async () => worker.end(await worker.leaseOne(), 'g0\t0\t\t'));
    expect(changed['m']).toBeUndefined();
    expect((await worker.leaseOne()).header).toBe('11,0,0,0,Y,');
  });
});

describe('the priority of a job', () => {
  it.each(['r1\t0\t\t', 'u1\t0\t\t', 'z1\t0\t\t'])('outlives an end %j', async (code) => {
    await queue().add(['a', 'p7', { fields: 'p7' }], 'b');
    const worker = await queue().worker('E');
    const [first] = await worker.lease(2);
    await worker.end(first, code);
    await queue().housekeep();
    expect(await queue().dump()).toMatchObject({ pp: { a: expect.any(Number) } });
  });

  it('outlives the wait for a handler', async () => {
    await queue().add(['a', 'p-7', { fields: 'p-7' }]);
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'n1\t0\tgreet\t');
    await queue().raw('claim', 'greet');
    expect(await queue().dump()).toMatchObject({ pn: { a: expect.any(Number) } });
  });
});

describe('what the queue keeps of ended jobs', () => {
  it('is nothing where a state is not kept: job, header, error and notes go at once [seed:O12]', async () => {
    await queue().configure('keep:completed', '0,', 'keep:failed', ',0');
    await queue().add('a', 'b', 'c');
    const worker = await queue().worker('E');
    const [a, b, c] = await worker.lease(3);
    await queue().raw('note', 'E', 'a', a?.token ?? '', 'p', '', '50');
    await worker.exchange({
      ends: [
        [a, '1'],
        [b, 'f1\t\t\tno'],
        [c, 'b1\t\t\tno'],
      ],
    });
    const dump = await queue().dump();
    expect(Object.keys(dump['j'] ?? {})).toEqual(['c']);
    expect(Object.keys(dump['m'] ?? {})).toEqual(['c']);
    expect([dump['hs:b'], dump['e'], dump['s:a'], dump['fc'], dump['f:failed']]).toEqual(Array(5).fill(undefined));
    expect(dump['fg']).toEqual({ 'greet:broken': 1 });
    expect(dump['f:broken']).toEqual({ c: START });
  });

  it('goes by the age that a job asks for: one for success, one for failure [core:B10] [seed:O12, seed:A16]', async () => {
    await queue().add(['a', '', { fields: 'k5000:' }], ['b', '', { fields: 'k:0' }], ['c', '', { fields: 'k0:9000' }]);
    const worker = await queue().worker('E');
    const [a, b, c] = await worker.lease(3);
    await worker.exchange({
      ends: [
        [a, '1'],
        [b, 'f1\t\t\tno'],
        [c, 't1\t\t\tno'],
      ],
    });
    const dump = await queue().dump();
    expect(dump['y:completed']).toEqual({ a: START + 5_000 });
    expect(dump['y:timed_out']).toEqual({ c: START + 9_000 });
    expect(Object.keys(dump['j'] ?? {})).toEqual(['a', 'c']);
    expect(dump['m']).toEqual({ c: '11,0,0,0,Y,' });
  });

  it('goes by the queue where the job has no age for this end [core:B10]', async () => {
    await queue().add(['a', '', { fields: 'k:0' }], ['b', '', { fields: 'k0:' }]);
    const worker = await queue().worker('E');
    const [a, b] = await worker.lease(2);
    await worker.exchange({
      ends: [
        [a, '1'],
        [b, 'f1\t\t\tno'],
      ],
    });
    expect(await queue().dump()).toMatchObject({ fc: ['a'], 'f:failed': { b: START } });
  });
});
