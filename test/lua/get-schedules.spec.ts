import { describe, expect, it } from '@jest/globals';

import { getSchedules } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { define, record } from './support/lua-schedule.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();

describe('get-schedules', () => {
  it('gives state, next time and record of those that there are, and the time', async () => {
    await define(queue(), { id: 'a' });
    await define(queue(), { id: 'b' });
    await define(queue(), { id: 'c', nextAt: 0 });
    await queue().raw('pause-schedule', 'p', 1, 'b', 1, '', 0, 0);
    const { reply, changed } = await queue().change(() => queue().run(getSchedules, { ids: ['a', 'none', 'b', 'c'] }));
    expect(changed).toEqual({});
    const at = String(START + 60_000);
    expect(reply).toEqual({
      code: 'OK',
      now: START,
      rows: ['a', 'running', at, record(), 'b', 'paused', at, record(), 'c', 'over', '0', record()],
    });
  });

  describeMalformed(queue, 'get-schedules', [
    ['more than 100 ids', Array.from({ length: 101 }, (_, i) => `s${i}`), /PROTOCOL More than 100/],
  ]);
});
