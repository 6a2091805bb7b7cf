import { describe, expect, it } from '@jest/globals';

import { add, declare } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { LuaQueue } from './support/lua-queue.js';
import { describeMalformed } from './support/malformed.js';
import { body } from './support/records.js';

const queue = luaQueue();
const fresh = () => new LuaQueue(queue().redis, `${queue().base}fresh`);

describe('declare', () => {
  it.each([0, 1])('makes the meta of a new queue, with its kind of time: %s [seed:O22]', async (virtual) => {
    const { reply, changed } = await fresh().change(() => fresh().run(declare, { virtual }));
    expect(reply).toEqual({ code: 'OK', format: 1, virtual, bits: '' });
    expect(changed).toEqual({ q: { format: '1', virtual: String(virtual) } });
  });

  it('never changes the kind of time of a queue that exists [core:A20]', async () => {
    await fresh().run(declare, { virtual: 0 });
    const { reply, changed } = await fresh().change(() => fresh().run(declare, { virtual: 1 }));
    expect(reply).toMatchObject({ virtual: 0 });
    expect(changed).toEqual({});
  });

  it('takes a queue that another command began for one that lives by the clock of the server [core:A20]', async () => {
    await fresh().rawAt('', 'add', 'lane', 1, 0, 'a\tp5', body({ fields: 'p5' }));
    expect(await fresh().run(declare, { virtual: 1 })).toMatchObject({ virtual: 0, bits: 'p' });
    await expect(fresh().run(add, { laneId: 'l', seq: 1, own: 0, rows: [] })).rejects.toThrow(/^QUEUE_MISMATCH/);
  });

  it('says what the queue is: its format and features [core:A22]', async () => {
    await queue().redis.hset(queue().key('q'), { format: '2', bits: 'pZ' });
    expect(await queue().run(declare, { virtual: 1 })).toEqual({ code: 'OK', format: 2, virtual: 1, bits: 'pZ' });
  });

  it('changes nothing the second time [core:A13]', async () => {
    const { changed } = await queue().change(() => queue().run(declare, { virtual: 1 }));
    expect(changed).toEqual({});
  });
});

describeMalformed(queue, 'declare', [
  ['no number', ['yes'], /PROTOCOL virtual/],
  ['a number that is neither', [2], /PROTOCOL virtual/],
]);
