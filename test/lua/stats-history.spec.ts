import { describe, expect, it } from '@jest/globals';

import { statsHistory, tally } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();

describe('stats-history', () => {
  it('gives nine values for each of the last days, the newest last [seed:Q24, seed:A30]', async () => {
    for (const n of [1, 2]) {
      await queue().run(tally, { ...queue().lane(), age: 0, rows: ['ship', String(n), '', ''] });
      queue().pass(86_400_000);
    }
    const { day, rows } = await queue().run(statsHistory, { days: 3 });
    expect([day, rows.length]).toEqual([Math.floor(START / 86_400_000) + 2, 27]);
    expect([rows[0], rows[9], rows[18]]).toEqual(['1', '2', null]);
  });
});

describeMalformed(queue, 'stats-history', [
  ['no day', [0], /PROTOCOL days/],
  ['more than 400 days', [401], /PROTOCOL days/],
]);
