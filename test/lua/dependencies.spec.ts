import { describe, expect, it } from '@jest/globals';

import { addChecked, dependencies, retryMany } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { describeMalformed } from './support/malformed.js';
import { body, type JobSketch } from './support/records.js';

const queue = luaQueue();
const failed = (of: string): unknown =>
  expect.stringMatching(new RegExp(`^f${START},0,0\\n.*DEPENDENCY_FAILED.*Job ${of},`));

/** Adds a job that depends on others; the reply's `odd`. */
async function addDependent(
  id: string,
  parents: readonly string[],
  policy = 'f',
  how = '',
  sketch: JobSketch = {},
): Promise<string> {
  const rows = [`${id}\t${how}\nd\t${[policy, ...parents].join('\t')}`, body(sketch)];
  const reply = await queue().run(addChecked, { ...queue().lane(), atomic: 0, rows });
  if (reply.code !== 'OK') throw new Error(`add-checked answered ${reply.code}`);
  return reply.odd;
}

describe('a job that depends on others', () => {
  it('waits for them all, and its parents know of it [seed:Q13, core:B14]', async () => {
    await queue().add('a', 'b');
    const { reply, changed } = await queue().change(() => addDependent('c', ['a', 'b']));
    expect(reply).toBe('1b');
    expect(changed).toEqual({
      j: expect.objectContaining({ c: expect.any(String) }),
      m: { a: '10,0,0,0,P,', b: '10,0,0,0,P,', c: '10,0,0,0,D,' },
      x: { c: 'd\tf\ta\tb' },
      b: { c: 0 },
      'dl:c': ['a', 'b'],
      'dd:a': ['c'],
      'dd:b': ['c'],
    });
    expect(await queue().state('c')).toBe('blocked');
  });

  it('runs when the last of them has completed, in the call in which that ends, with their results [core:B14] [seed:Q5]', async () => {
    await queue().add('a', 'b');
    await addDependent('c', ['a', 'b']);
    const worker = await queue().worker('E');
    const [a, b] = await worker.lease(2);
    await worker.end(a, 'c5\t\t\t{"n":1}');
    expect(await queue().dump()).toMatchObject({ 'dl:c': ['b'], 'dr:c': { a: 'c{"n":1}' }, b: { c: 0 } });
    const { leased } = await worker.exchange({ ends: [[b, '5']], want: 1 });
    expect(leased.map(({ id }) => id)).toEqual(['c']);
    expect(await queue().dump()).toMatchObject({ 'dr:c': { a: 'c{"n":1}', b: 'c' } });
    await worker.end(leased[0]);
    await queue().remove('c');
    expect((await queue().dump())['dr:c']).toBeUndefined();
  });

  it('keeps its time and its priority while it is blocked [seed:Q13]', async () => {
    await queue().add('a', 'b');
    await addDependent('c', ['a'], 'f', 'd50,p5', { fields: 'p5' });
    await addDependent('d', ['a'], 'f', 'd5');
    const worker = await queue().worker('E');
    queue().pass(10);
    await worker.end(await worker.leaseOne());
    expect([await queue().state('c'), await queue().state('d')]).toEqual(['delayed', 'waiting']);
    queue().pass(40);
    await queue().housekeep();
    expect((await worker.leaseOne()).id).toBe('c');
  });

  it.each([
    ['f', 'failed'],
    ['c', 'cancelled'],
    ['b', 'blocked'],
    ['r', 'waiting'],
  ])('of policy %s is %s when one of them fails [core:B14]', async (policy, state) => {
    await queue().add('a');
    await addDependent('c', ['a'], policy);
    await addDependent('d', ['c'], policy);
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'f1\t\t\tno');
    expect(await queue().state('c')).toBe(state);
    expect(await queue().state('d')).toBe(state === 'waiting' ? 'blocked' : state);
    if (policy === 'f') expect((await queue().dump())['o']).toMatchObject({ c: failed('a'), d: failed('c') });
  });

  it('of a job that is cancelled or removed before it has ended fails as well [core:B14]', async () => {
    await queue().add('a', 'b');
    await addDependent('c', ['a']);
    await addDependent('d', ['b']);
    await queue().remove('b');
    expect((await queue().dump())['o']).toMatchObject({ d: expect.stringMatching(/^f.*\n.*Job b, .* was removed/) });
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'x1\t\t\t');
    expect((await queue().dump())['o']).toMatchObject({ c: failed('a') });
  });

  it('waits again when the one that failed it is retried, and so do those behind it', async () => {
    await queue().add('a');
    await addDependent('c', ['a']);
    await addDependent('d', ['c']);
    await addDependent('e', ['a'], 'b');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'f1\t\t\tno');
    expect(await queue().retry('a')).toBe('R');
    for (const id of ['c', 'd', 'e']) expect(await queue().state(id)).toBe('blocked');
    await worker.end(await worker.leaseOne());
    for (const job of await worker.lease(2)) await worker.end(job);
    expect(await queue().state('e')).toBe('completed');
    await worker.end(await worker.leaseOne());
    expect(await queue().counts()).toMatchObject({ finished: ['4', '0', '0', '0', '0'] });
  });

  it('that two have failed waits again only when both are retried', async () => {
    await queue().add('a', 'b');
    await addDependent('c', ['a', 'b']);
    const worker = await queue().worker('E');
    for (const job of await worker.lease(2)) await worker.end(job, 'f1\t\t\tno');
    await queue().retry('a');
    expect(await queue().state('c')).toBe('failed');
    await worker.end(await worker.leaseOne());
    expect(await queue().state('c')).toBe('failed');
    await queue().retry('b');
    expect(await queue().state('c')).toBe('blocked');
    await worker.end(await worker.leaseOne());
    expect((await worker.leaseOne()).id).toBe('c');
  });

  it('that two have failed, of which one is gone, stays as it is when the other is retried', async () => {
    await queue().add('a', 'b');
    await addDependent('c', ['a', 'b']);
    const worker = await queue().worker('E');
    for (const job of await worker.lease(2)) await worker.end(job, 'f1\t\t\tno');
    await queue().remove('b');
    await queue().retry('a');
    expect(await queue().state('c')).toBe('failed');
    await worker.end(await worker.leaseOne());
    expect(await queue().state('c')).toBe('failed');
  });

  it('retried together with the one that failed it waits for that one, in whatever order they are named', async () => {
    await queue().add('a', 'b');
    await addDependent('c', ['a', 'b']);
    const worker = await queue().worker('E');
    for (const job of await worker.lease(2)) await worker.end(job, 'f1\t\t\tno');
    expect(await queue().retry('c', 'b')).toBe('RR');
    expect([await queue().state('c'), await queue().dump()]).toEqual([
      'blocked',
      expect.objectContaining({ 'dl:c': ['b'], 'dd:b': ['c'] }),
    ]);
    await worker.end(await worker.leaseOne());
    expect((await worker.leaseOne()).id).toBe('c');
  });

  it('retried with all that failed waits for the one that failed it, also where that one comes in a later step', async () => {
    await queue().add('p');
    for (const id of ['c1', 'c2', 'c3', 'q']) await addDependent(id, ['p']);
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'f1\t\t\tno');
    const call = { what: 'state', value: 'failed', untilMs: queue().now, limit: 2 };
    for (let cursor = '', steps = 0; cursor !== '' || steps === 0; steps++) {
      const reply = await queue().run(retryMany, { ...queue().lane(), ...call, cursor });
      if (reply.code === 'OK') ({ cursor } = reply);
    }
    expect(await queue().counts()).toMatchObject({ waiting: 1, blocked: 4 });
    await worker.end(await worker.leaseOne());
    expect(await worker.lease(9)).toHaveLength(4);
  });

  it('retried by itself waits for nothing any more', async () => {
    await queue().add('a');
    await addDependent('c', ['a']);
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'f1\t\t\tno');
    await queue().retry('c');
    await worker.end(await worker.leaseOne());
    await queue().retry('a');
    expect(await queue().state('c')).toBe('completed');
  });

  it('whose parents have ended already is resolved at once: done, or failed', async () => {
    await queue().add('a', 'b');
    const worker = await queue().worker('E');
    const [a, b] = await worker.lease(2);
    await worker.exchange({
      ends: [
        [a, 'c1\t\t\t"A"'],
        [b, 'f1\t\t\tno'],
      ],
    });
    expect(await addDependent('c', ['a'])).toBe('');
    expect(await addDependent('d', ['b', 'a'])).toBe('1f');
    expect(await addDependent('e', ['b'], 'r', 'd5')).toBe('');
    expect(await addDependent('f', ['b'], 'b')).toBe('1b');
    expect(await queue().dump()).toMatchObject({ 'dr:c': { a: 'c"A"' }, o: { d: failed('b') } });
    expect([await queue().state('c'), await queue().state('e'), await queue().state('f')]).toEqual([
      'waiting',
      'delayed',
      'blocked',
    ]);
    await queue().retry('b');
    expect(await queue().state('d')).toBe('blocked');
  });

  it('with one that has completed waits for the others, in whatever order they are named [seed:Q13]', async () => {
    await queue().add('a', 'b');
    const worker = await queue().worker('E');
    const [a, b] = await worker.lease(2);
    await worker.end(a, 'c1\t\t\t"A"');
    expect(await addDependent('c', ['a', 'b'])).toBe('1b');
    expect(await addDependent('d', ['b', 'a'])).toBe('1b');
    expect([await queue().state('c'), await queue().state('d')]).toEqual(['blocked', 'blocked']);
    await worker.end(b);
    expect([await queue().state('c'), await queue().state('d')]).toEqual(['waiting', 'waiting']);
  });

  it('may depend on an earlier row of the call, and on no later one; one that is not there is refused, or done', async () => {
    const rows = ['c\t\nd\tf\ta', body(), 'a\t', body(), 'd\t\nd\tf\ta', body(), 'e\t\nd\tfd\tnone', body()];
    const reply = await queue().run(addChecked, { ...queue().lane(), atomic: 0, rows });
    expect(reply).toMatchObject({ odd: '1M,3b', others: ['a'] });
    expect([await queue().state('c'), await queue().state('d'), await queue().state('e')]).toEqual([
      '',
      'blocked',
      'waiting',
    ]);
    const refused = await queue().run(addChecked, { ...queue().lane(), atomic: 1, rows: ['c\t\nd\tf\tnone', body()] });
    expect(refused).toEqual({ code: 'REFUSED', row: 1, fate: 'M', state: '', other: 'none' });
  });

  it('of a job that keeps nothing of itself, and is replaced while it runs, waits for the one that takes its place', async () => {
    await queue().addRows([
      ['p\tcj,m0', body({ fields: 'k0:0' })],
      ['c\tcj,m0\nd\tf\tp', body()],
    ]);
    const worker = await queue().worker('E');
    await worker.leaseOne();
    expect(await queue().addChecked('p', 'cr,m0,x')).toBe('1R');
    expect(await queue().state('c')).toBe('blocked');
    await worker.end(await worker.leaseOne());
    expect(await queue().state('c')).toBe('waiting');
  });

  it('of a job that is replaced while it runs waits for the one that takes its place', async () => {
    await queue().addChecked('a', 'cj,m0');
    await addDependent('c', ['a']);
    const worker = await queue().worker('E');
    await worker.leaseOne();
    expect(await queue().addChecked('a', 'cr,m0,x')).toBe('1R');
    expect([await queue().state('c'), (await queue().dump())['dd:a']]).toEqual(['blocked', ['c']]);
    await worker.end(await worker.leaseOne());
    expect(await queue().state('c')).toBe('waiting');
  });

  it('may not wait for a job that waits for the one whose place it takes, also by an earlier row of the call', async () => {
    await queue().addChecked('a', 'cj,m0');
    await addDependent('b', ['a']);
    const { reply, changed } = await queue().change(() => queue().addRows([['a\tcr,m0\nd\tf\tb', body()]], 1));
    expect([reply, changed]).toEqual([{ code: 'REFUSED', row: 1, fate: 'W', state: '', other: 'b' }, {}]);
    const rows = ['c\t\nd\tf\tb', body(), 'a\tcr,m0\nd\tf\tc', body()];
    const both = await queue().run(addChecked, { ...queue().lane(), atomic: 0, rows });
    expect(both).toMatchObject({ odd: '1b,2W', others: ['c'] });
    expect([await queue().state('a'), await queue().state('c')]).toEqual(['waiting', 'blocked']);
  });

  it('may not wait for itself, be it there or not, and whatever a missing one counts as [case:A17]', async () => {
    await queue().addChecked('a', 'cj,m0');
    const row = (id: string, policy = 'f'): [string, string] => [`${id}\tcr,m0\nd\t${policy}\ta\t${id}`, body()];
    const { reply, changed } = await queue().change(() => queue().addRows([row('c')], 1));
    expect([reply, changed]).toEqual([{ code: 'REFUSED', row: 1, fate: 'W', state: '', other: 'c' }, {}]);
    const both = await queue().addRows([row('c', 'fd'), row('a'), ['e\t\nd\tf\ta', body()]]);
    expect(both).toMatchObject({ odd: '1W,2W,3b', others: ['c', 'a'] });
    expect([await queue().ids('waiting'), await queue().ids('blocked')]).toEqual([['a'], ['e']]);
  });

  it('knows of a running parent: the value by which it is held says so', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    const a = await worker.leaseOne();
    await addDependent('c', ['a']);
    expect((await queue().dump())['h:E']).toMatchObject({ a: '0.1.1000000000000HP' });
    await worker.end(a);
    expect((await worker.leaseOne()).id).toBe('c');
  });

  it('hundreds at a time: 2,500 of one parent are told in ten steps, each bounded [core:B14]', async () => {
    await queue().add('a');
    for (let from = 0; from < 2_500; from += 500) {
      const rows = Array.from({ length: 500 }, (_, i) => [`c${from + i}\t\nd\tf\ta`, body()]).flat();
      await queue().run(addChecked, { ...queue().lane(), atomic: 1, rows });
    }
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne());
    for (let told = 250; told < 2_500; told += 250) {
      expect(await queue().counts()).toMatchObject({ waiting: told });
      expect((await queue().housekeep()).more).toBe(1);
    }
    expect(await queue().counts()).toMatchObject({ waiting: 2_500 });
    expect((await queue().housekeep()).more).toBe(0);
    expect((await queue().dump())['dq']).toBeUndefined();
  });
});

describe('dependencies of a job', () => {
  it('are told in the order in which they were said, a page at a time [seed:Q28]', async () => {
    await queue().add('a', 'b', 'x');
    await addDependent('c', ['b', 'a', 'x']);
    const page = (offset: number, limit: number): Promise<unknown> =>
      queue().run(dependencies, { id: 'c', offset, limit });
    expect(await page(0, 2)).toEqual({ code: 'OK', rows: ['b', 'waiting', '1', 'a', 'waiting', '1'], total: 3 });
    expect(await page(2, 2)).toEqual({ code: 'OK', rows: ['x', 'waiting', '1'], total: 3 });
    expect(await page(3, 2)).toEqual({ code: 'OK', rows: [], total: 3 });
  });

  describeMalformed(queue, 'dependencies', [
    ['no id', ['', 0, 1], /PROTOCOL The id/],
    ['a limit of 0', ['a', 0, 0], /PROTOCOL limit/],
    ['a large limit', ['a', 0, 101], /PROTOCOL limit/],
    ['an offset below 0', ['a', -1, 1], /PROTOCOL offset/],
  ]);
});
