import { describe, expect, it } from '@jest/globals';

import { pauseSchedule } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { define, fire } from './support/lua-schedule.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';

const queue = luaQueue();
const SOON = START + 60_000;
const PAUSE = { id: 'nightly', on: 1, hash: '', at: 0, nextAt: 0 };
const RESUME = { id: 'nightly', on: 0, hash: 'h1', at: SOON, nextAt: SOON + 90_000 };

const set = async (args: typeof PAUSE): Promise<unknown> => {
  const reply = await queue().run(pauseSchedule, { ...queue().lane(), ...args });
  return reply.code === 'OK' ? reply.changed : reply.code;
};

describe('pause-schedule', () => {
  it('keeps a schedule from firing, and says of nothing that it is due', async () => {
    await define(queue());
    const { reply, changed } = await queue().change(() => set(PAUSE));
    expect([reply, changed]).toEqual([1, { sn: undefined, sp: { nightly: SOON } }]);
    queue().pass(60_000);
    expect(await queue().housekeep()).toMatchObject({ due: -1, schedules: 0 });
    expect(await fire(queue())).toBe('LOST');
    expect(await set(PAUSE)).toBe(0);
  });

  it('lets it fire again from the time on that the caller has worked out', async () => {
    await define(queue());
    await set(PAUSE);
    const { reply, changed } = await queue().change(() => set(RESUME));
    expect([reply, changed]).toEqual([1, { sp: undefined, sn: { nightly: SOON + 90_000 } }]);
    expect(await set(RESUME)).toBe(0);
  });

  it('resumes nothing that is not as the caller has read it', async () => {
    await define(queue());
    await set(PAUSE);
    expect(await set({ ...RESUME, at: SOON + 1 })).toBe('AGAIN');
    expect(await set({ ...RESUME, hash: 'h2' })).toBe('AGAIN');
  });

  it('changes nothing of one that is over, and knows of none that there is not', async () => {
    await define(queue(), { nextAt: 0 });
    expect([await set(PAUSE), await set({ ...RESUME, at: 0 })]).toEqual([0, 0]);
    expect(await set({ ...PAUSE, id: 'none' })).toBe('NOT_FOUND');
  });

  it('gives the same answer when it is sent again [core:A13]', async () => {
    await define(queue());
    const args = { ...queue().lane(), ...PAUSE };
    expect(await queue().twice(pauseSchedule, args)).toEqual([
      { code: 'OK', changed: 1 },
      { code: 'OK', changed: 1 },
    ]);
    expect(await queue().run(pauseSchedule, { ...args, ...RESUME, seq: 2 })).toEqual({ code: 'OK', changed: 1 });
    expect(await queue().run(pauseSchedule, args)).toEqual({ code: 'OLD' });
    expect((await queue().dump())['sp']).toBeUndefined();
  });

  it('works when memory is full', async () => {
    await define(queue());
    expect(await queue().withFullMemory(() => set(PAUSE))).toBe(1);
  });

  describeMalformed(queue, 'pause-schedule', [
    ...malformedLanes('nightly', 1, '', 0, 0),
    ['neither on nor off', ['lane', 1, 'nightly', 2, '', 0, 0], /PROTOCOL on/],
    ['a next time that is none', ['lane', 1, 'nightly', 0, '', 0, -1], /PROTOCOL next_at/],
  ]);
});
