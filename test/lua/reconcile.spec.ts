import { describe, expect, it } from '@jest/globals';

import { reconcile } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();
const call = (settled: readonly string[], known: readonly string[], epoch = 'E') =>
  queue().run(reconcile, { epoch, settled, known });

describe('reconcile', () => {
  it('gives back what the worker does not know of: a lost reply leaks nothing [core:A1, case:C2]', async () => {
    await queue().add('a', 'b', 'c', 'd');
    const worker = await queue().worker('E');
    await worker.lease(1);
    await worker.lease(2);
    const { reply, changed } = await queue().change(() => call(['0', '2'], ['a']));
    expect(reply).toEqual({ code: 'OK', released: 2 });
    expect(changed).toEqual({ 'h:E': expect.objectContaining({ a: '0.1.1000000000000' }), r: ['b', 'c', 'd'] });
  });

  it('does not touch what a call leased whose answer is still on its way [core:A1]', async () => {
    await queue().add('a', 'b', 'c');
    const worker = await queue().worker('E');
    await worker.lease(1);
    await worker.lease(1);
    await worker.lease(1, 'k');
    const { reply, changed } = await queue().change(() => call(['0', '1'], []));
    expect(reply).toEqual({ code: 'OK', released: 1 });
    expect(changed['h:E']).not.toHaveProperty('a');
    expect(changed['h:E']).toMatchObject({ b: '0.2.1000000000001', c: 'k.1.1000000000002' });
  });

  it('charges nothing and keeps the order of leasing', async () => {
    const ids = Array.from({ length: 700 }, (_, i) => `p-${i.toString(36)}`);
    await queue().add(...ids, 'x');
    const worker = await queue().worker('E');
    await worker.lease(300);
    await worker.lease(400);
    await call(['0', '2'], []);
    expect(await queue().ids('waiting')).toEqual([...ids, 'x']);
    expect((await queue().dump())['m']).toBeUndefined();
  });

  it('keeps the exact order of leasing over slots where a worker holds few', async () => {
    await queue().add('c', 'b', 'a', 'x');
    const worker = await queue().worker('E');
    for (let i = 0; i < 5; i++) await worker.exchange();
    await worker.lease(1);
    await worker.lease(2, '1');
    await call(['0', '9', '1', '9'], []);
    expect(await queue().ids('waiting')).toEqual(['c', 'b', 'a', 'x']);
  });

  it('gives back 1,000 at most in one call', async () => {
    for (const part of ['a', 'b', 'c']) await queue().add(...Array.from({ length: 500 }, (_, i) => `${part}${i}`));
    const worker = await queue().worker('E');
    await worker.lease(1_000);
    await worker.lease(500);
    expect(await call(['0', '2'], [])).toEqual({ code: 'OK', released: 1_000 });
    expect(await call(['0', '2'], [])).toEqual({ code: 'OK', released: 500 });
  });

  it('takes any number of known ids', async () => {
    for (let i = 0; i < 10; i++) await queue().add(...Array.from({ length: 1_000 }, (_, n) => `a${i}-${n}`));
    const worker = await queue().worker('E');
    const known: string[] = [];
    for (let i = 0; i < 10; i++) known.push(...(await worker.lease(1_000)).map(({ id }) => id));
    expect(await call(['0', '10'], known)).toEqual({ code: 'OK', released: 0 });
    expect(await call(['0', '10'], known.slice(1))).toEqual({ code: 'OK', released: 1 });
  });

  it('changes nothing the second time [core:A13]', async () => {
    await queue().add('a', 'b');
    await (await queue().worker('E')).lease(2);
    await call(['0', '1'], ['a']);
    const { reply, changed } = await queue().change(() => call(['0', '1'], ['a']));
    expect([reply, changed]).toEqual([{ code: 'OK', released: 0 }, {}]);
  });

  it('answers an epoch that is gone, or going, and writes nothing [core:A4]', async () => {
    await queue().add('a');
    await (await queue().worker('E')).lease(1);
    await queue().redis.hdel(queue().key('h:E'), '\topen');
    const { reply, changed } = await queue().change(async () => [
      await call(['0', '1'], []),
      await call([], [], 'none'),
    ]);
    expect([reply, changed]).toEqual([[{ code: 'EPOCH_GONE' }, { code: 'EPOCH_GONE' }], {}]);
  });
});

describeMalformed(
  queue,
  'reconcile',
  [
    ['a settled seq that is no number', ['E', 2, '0', 'x'], /PROTOCOL A settled seq/],
    ['a slot without its seq', ['E', 1, '0', 'a'], /PROTOCOL A settled seq/],
    ['a list without its length', ['E', 'x', '0', '1'], /./],
  ],
  async (prepared) => {
    await prepared.add('a');
    await (await prepared.worker('E')).lease(1);
  },
);
