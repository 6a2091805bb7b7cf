import { describe, expect, it } from '@jest/globals';

import { drain } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';
import { body } from './support/records.js';
import { row } from './support/unique-row.js';

const queue = luaQueue();

async function call(state: string, limit = 500): Promise<[done: number, more: number]> {
  const reply = await queue().run(drain, { ...queue().lane(), state, limit });
  if (reply.code !== 'OK') throw new Error(reply.code);
  return [reply.done, reply.more];
}

describe('drain', () => {
  it('removes all that is ready, with all that is kept of it, and nothing else', async () => {
    const worker = await queue().worker('E');
    await queue().add('active', 'completed');
    await worker.lease(1);
    await worker.end(await worker.leaseOne());
    await queue().add(['late', 'd100'], 'a', ['urgent', 'p5', { fields: 'p5' }], ['low', 'p-5', { fields: 'p-5' }]);
    await queue().addRows([row('unique')]);
    await queue().addRows([[`given\tck,m1000\nt\tred`, body()]]);
    expect(await call('waiting')).toEqual([5, 0]);
    expect(await queue().counts()).toMatchObject({
      waiting: 0,
      delayed: 1,
      active: 1,
      finished: ['1', '0', '0', '0', '0'],
    });
    const dump = await queue().dump();
    expect([dump['uk'], dump['tc'], dump['x'], dump['ids'], dump['m']]).toEqual(Array(5).fill(undefined));
    expect(Object.keys(dump['j'] ?? {}).sort()).toEqual(['active', 'completed', 'late']);
  });

  it.each([
    ['delayed', 'z1\t1000\t\t'],
    ['retrying', 'r1\t1000\t\tno'],
  ])('removes what is %s', async (state, code) => {
    await queue().add('a', 'b');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), code);
    expect(await call(state)).toEqual([1, 0]);
    expect([await queue().ids('waiting'), (await queue().dump())['e']]).toEqual([['b'], undefined]);
  });

  it('goes in steps, over ghosts', async () => {
    await queue().add('a', 'b', 'c', 'd', 'e');
    await queue().cancel('b', 'c');
    expect([await call('waiting', 2), await call('waiting', 2), await call('waiting', 2)]).toEqual([
      [1, 1],
      [1, 1],
      [1, 0],
    ]);
    expect((await queue().counts()).waiting).toBe(0);
  });

  it('has one effect when it is sent again [core:A13]', async () => {
    await queue().add('a', 'b', 'c');
    const args = { laneId: 'admin', seq: 1, state: 'waiting', limit: 2 };
    const replies = await queue().twice(drain, args);
    expect(replies).toEqual([1, 2].map(() => ({ code: 'OK', done: 2, more: 1 })));
    expect(await queue().ids('waiting')).toEqual(['c']);
  });

  it('works when memory is full [core:A17]', async () => {
    await queue().add('a');
    expect(await queue().withFullMemory(() => call('waiting'))).toEqual([1, 0]);
  });
});

describeMalformed(
  queue,
  'drain',
  [
    ...malformedLanes('waiting', 5),
    ['a state that does not wait', ['lane', 1, 'active', 5], /PROTOCOL What waits/],
    ['a limit over 500', ['lane', 1, 'waiting', 501], /PROTOCOL limit/],
  ],
  (prepared) => prepared.add('a'),
);
