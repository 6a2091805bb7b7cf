import { describe, expect, it } from '@jest/globals';

import { pause } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { heardDuring } from './support/listen.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();

describe('pause', () => {
  it('raises the pause number at each change: odd is paused', async () => {
    const numbers = [];
    for (const on of [1, 0, 1]) numbers.push((await queue().run(pause, { on })).pause);
    expect(numbers).toEqual([1, 2, 3]);
    expect((await queue().dump())['q']).toMatchObject({ pause: '3' });
  });

  it.each([1, 0])('changes nothing the second time: %d [core:A13]', async (on) => {
    const first = await queue().run(pause, { on });
    const { reply, changed } = await queue().change(() => queue().run(pause, { on }));
    expect([reply, changed]).toEqual([first, {}]);
  });

  it('tells every worker at once [case:X14]', async () => {
    await queue().worker('E');
    await queue().worker('F');
    const told = await heardDuring(queue(), [queue().key('w:E'), queue().key('w:F')], 2, async () => {
      await queue().run(pause, { on: 1 });
      await queue().run(pause, { on: 1 });
    });
    expect(told.sort()).toEqual([`${queue().key('w:E')}: p`, `${queue().key('w:F')}: p`]);
  });

  it.each([
    ['paused', 1],
    ['not paused', 2],
  ])(
    'goes on above what workers obey, where the meta was lost while it was %s: they obey what is said now [case:R16]',
    async (_, obeyed) => {
      const worker = await queue().worker('E');
      for (let n = 1; n <= obeyed; n++) await queue().run(pause, { on: n % 2 });
      await worker.renew({ pause: obeyed });
      await queue().redis.hdel(queue().key('q'), 'pause');
      expect(await queue().run(pause, { on: 0 })).toEqual({ code: 'OK', pause: 2 });
      await queue().redis.hdel(queue().key('q'), 'pause');
      expect(await queue().run(pause, { on: 1 })).toEqual({ code: 'OK', pause: 3 });
    },
  );

  it('stops leasing, and nothing else: jobs come, fall due and end [seed:Q25]', async () => {
    await queue().add('a', ['d', 'd10']);
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    await queue().run(pause, { on: 1 });
    await queue().add('b');
    queue().pass(10);
    await queue().housekeep();
    await worker.end(job);
    expect(await worker.lease(5)).toEqual([]);
    expect(await queue().counts()).toMatchObject({ waiting: 2, finished: ['1', '0', '0', '0', '0'] });
    await queue().run(pause, { on: 0 });
    expect(await worker.lease(5)).toHaveLength(2);
  });
});

describeMalformed(queue, 'pause', [
  ['no number', ['yes'], /PROTOCOL on/],
  ['a number that is neither', [2], /PROTOCOL on/],
]);
