import { describe, expect, it } from '@jest/globals';

import { listSchedules } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { define } from './support/lua-schedule.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();

describe('list-schedules', () => {
  it('pages through all of them in the order of their ids, whatever happens to others meanwhile', async () => {
    for (const id of ['d', 'a', 'c', 'b']) await define(queue(), { id });
    const first = await queue().run(listSchedules, { after: '', limit: 2 });
    expect(first).toMatchObject({ now: START });
    expect(first.rows.filter((_, i) => i % 4 === 0)).toEqual(['a', 'b']);
    await queue().raw('unschedule', 'u', 1, 'b', '');
    await define(queue(), { id: 'aa' });
    const { reply, changed } = await queue().change(() => queue().run(listSchedules, { after: 'b', limit: 3 }));
    expect(changed).toEqual({});
    expect(reply.rows.filter((_, i) => i % 4 === 0)).toEqual(['c', 'd']);
  });

  describeMalformed(queue, 'list-schedules', [
    ['a limit of 0', ['', 0], /PROTOCOL limit/],
    ['a limit above 100', ['', 101], /PROTOCOL limit/],
  ]);
});
