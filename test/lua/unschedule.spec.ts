import { describe, expect, it } from '@jest/globals';

import { unschedule } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { define, fire } from './support/lua-schedule.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';

const queue = luaQueue();

describe('unschedule', () => {
  it('deletes all that there is of a schedule, and leaves the jobs that it added [seed:Q18]', async () => {
    await define(queue());
    queue().pass(60_000);
    await fire(queue());
    const args = { ...queue().lane(), id: 'nightly', hash: '' };
    const { reply, changed } = await queue().change(() => queue().run(unschedule, args));
    expect(reply).toEqual({ code: 'OK', removed: 1 });
    expect(changed).toEqual({
      q: expect.objectContaining({ bits: '' }),
      sc: undefined,
      sn: undefined,
      si: undefined,
      'sh:nightly': undefined,
    });
    expect(await queue().counts()).toMatchObject({ waiting: 1 });
  });

  it('gives the same answer when it is sent again [core:A13]', async () => {
    await define(queue());
    const args = { ...queue().lane(), id: 'nightly', hash: '' };
    expect(await queue().twice(unschedule, args)).toEqual([
      { code: 'OK', removed: 1 },
      { code: 'OK', removed: 1 },
    ]);
    await define(queue());
    expect(await queue().run(unschedule, { ...args, seq: 2 })).toEqual({ code: 'OK', removed: 1 });
    expect(await queue().run(unschedule, args)).toEqual({ code: 'OLD' });
  });

  it('leaves one of another definition than the caller means, and the others', async () => {
    await define(queue());
    await define(queue(), { id: 'other' });
    const { reply, changed } = await queue().change(() =>
      queue().run(unschedule, { ...queue().lane(), id: 'nightly', hash: 'h2' }),
    );
    expect([reply, changed]).toEqual([{ code: 'OK', removed: 0 }, {}]);
    await queue().run(unschedule, { ...queue().lane(), id: 'nightly', hash: 'h1' });
    expect(await queue().dump()).toMatchObject({ q: { bits: 's' }, si: { other: 0 } });
  });

  it('works when memory is full', async () => {
    await define(queue());
    const args = { ...queue().lane(), id: 'nightly', hash: '' };
    expect(await queue().withFullMemory(() => queue().run(unschedule, args))).toMatchObject({ removed: 1 });
  });

  describeMalformed(queue, 'unschedule', malformedLanes('nightly', ''));
});
