import { describe, expect, it } from '@jest/globals';

import { scheduleHistory } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { define, fire } from './support/lua-schedule.js';

const queue = luaQueue();

describe('schedule-history', () => {
  it('says what became of the last times, latest first [seed:A28]', async () => {
    await define(queue());
    queue().pass(60_000);
    const at = queue().now;
    await fire(queue());
    queue().pass(61_000);
    await fire(queue(), { at: at + 60_000, times: [] });
    const { reply, changed } = await queue().change(() => queue().run(scheduleHistory, { id: 'nightly' }));
    expect(changed).toEqual({});
    expect(reply.lines).toEqual([`m\t${at + 60_000}\t${at + 61_000}`, `f\t${at}\t${at}`]);
    expect((await queue().run(scheduleHistory, { id: 'none' })).lines).toEqual([]);
  });
});
