import { describe, expect, it } from '@jest/globals';

import { dueSchedules } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { define, record } from './support/lua-schedule.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();

describe('due-schedules', () => {
  it('gives those whose time has come, the most overdue first, and the time', async () => {
    for (const [i, id] of ['c', 'a', 'b', 'later'].entries())
      await define(queue(), { id, nextAt: START + 10 * i + 10 });
    queue().pass(30);
    const { reply, changed } = await queue().change(() => queue().run(dueSchedules, { skip: 0, limit: 100 }));
    expect(changed).toEqual({});
    const rows = ['c', 'a', 'b'].flatMap((id, i) => [id, 'running', String(START + 10 * i + 10), record()]);
    expect(reply).toEqual({ code: 'OK', now: START + 30, due: 3, rows });
    expect((await queue().run(dueSchedules, { skip: 1, limit: 1 })).rows[0]).toBe('a');
  });

  it('are counted by housekeep, and wake no worker without end: only times to come do [core:B15]', async () => {
    await define(queue(), { nextAt: START + 50 });
    await define(queue(), { id: 'later', nextAt: START + 90 });
    const worker = await queue().worker('E');
    expect(await queue().housekeep()).toMatchObject({ due: 50, schedules: 0 });
    expect(await worker.exchange({ want: 1 })).toMatchObject({ dry: 1, due: 50 });
    await queue().add(['a', 'd20']);
    expect(await worker.exchange({ want: 1 })).toMatchObject({ dry: 1, due: 20 });
    await queue().remove('a');
    queue().pass(50);
    expect(await queue().housekeep()).toMatchObject({ due: 40, schedules: 1 });
    expect(await worker.exchange({ want: 1 })).toMatchObject({ dry: 1, due: 40 });
  });

  describeMalformed(queue, 'due-schedules', [
    ['a limit of 0', [0, 0], /PROTOCOL limit/],
    ['a limit above 100', [0, 101], /PROTOCOL limit/],
    ['a skip below 0', [-1, 1], /PROTOCOL skip/],
  ]);
});
