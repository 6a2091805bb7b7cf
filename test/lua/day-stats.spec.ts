import { describe, expect, it } from '@jest/globals';

import { dayStats, tally } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();
const DAY = Math.floor(START / 86_400_000);

const tell = (...rows: readonly string[]): Promise<unknown> => queue().run(tally, { ...queue().lane(), age: 0, rows });

describe('day-stats', () => {
  it('gives nine values a name, of today or another day [seed:Q24]', async () => {
    await tell('ship', '2', '2,5,2,0,0,2', '', 'mail', '1', '', '');
    const today = await queue().run(dayStats, { day: '', names: ['', 'ship', 'none'] });
    const nothing = Array(9).fill(null);
    const ship = ['2', null, null, null, null, null, null, '2,5,2,0,0,2', null];
    expect(today).toEqual({ code: 'OK', day: DAY, rows: ['3', ...ship.slice(1), ...ship, ...nothing] });
    queue().pass(86_400_000);
    expect((await queue().run(dayStats, { day: '', names: ['ship'] })).rows).toEqual(nothing);
    expect((await queue().run(dayStats, { day: String(DAY), names: ['ship'] })).rows).toEqual(ship);
    expect((await queue().run(dayStats, { day: 'all', names: [''] })).rows).toEqual(['3', ...nothing.slice(1)]);
  });

  it('gives the names without any', async () => {
    await tell('ship', '1', '', '', 'mail', '1', '', '');
    expect((await queue().run(dayStats, { day: '', names: [] })).rows).toEqual(['mail', 'ship']);
  });
});

describeMalformed(queue, 'day-stats', [
  ['a day that is none', ['x', 'ship'], /PROTOCOL The day/],
  ['more than 100 names', ['', ...Array(101).fill('ship')], /PROTOCOL More than 100/],
]);
