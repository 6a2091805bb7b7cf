import { describe, expect, it } from '@jest/globals';

import { update } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';
import { body } from './support/records.js';

const queue = luaQueue();

describe('update', () => {
  it('changes the payload and nothing else of the record, also behind a job in store [seed:R2, seed:O13, seed:A30]', async () => {
    const onFailure = { id: 'later', body: body({ payload: 'x' }) };
    await queue().add(['a', 'p5', { fields: 'p5', options: '{"maxAttempts":2}', onFailure, payload: 'old' }]);
    const before = await queue().redis.hget(queue().key('j'), 'a');
    const { reply, changed } = await queue().change(() => queue().update('a', '', 'new\nlines'));
    expect(reply).toBe('U');
    expect(changed).toEqual({ j: { a: before!.replace(/old$/, 'new\nlines') } });
  });

  it('delays a waiting job, and its list entry is a ghost from then on [core:A18]', async () => {
    await queue().add('a', 'b');
    const { reply, changed } = await queue().change(() => queue().update('a', 'd50'));
    expect(reply).toBe('U');
    expect(changed).toEqual({
      q: expect.objectContaining({ ghosts: '1' }),
      m: { a: '10,0,0,1,,0' },
      d: { a: START + 50 },
    });
  });

  it('moves the time of a delayed job; a time that has come lets it wait', async () => {
    await queue().add(['a', 'd1000'], ['b', 'd1000,p-3', { fields: 'p-3' }]);
    await queue().update('a', 'd20');
    expect((await queue().dump())['d']).toEqual({ a: START + 20, b: START + 1_000 });
    await queue().update('b', `a${START - 5}`);
    expect([await queue().state('a'), await queue().state('b')]).toEqual(['delayed', 'waiting']);
    expect(await queue().ids('waiting')).toEqual(['b']);
  });

  it('moves the time of a retrying job, which stays one', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'r1\t1000\t\tno');
    await queue().update('a', 'd7');
    expect((await queue().dump())['t']).toEqual({ a: START + 7 });
    await queue().update('a', 'd0');
    expect(await queue().state('a')).toBe('waiting');
  });

  it('delays a job that waits for a handler', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'n1\t0\tgreet\t');
    await queue().update('a', 'd7');
    expect(await queue().counts()).toMatchObject({ delayed: 1, unclaimed: 0 });
  });

  it('changes the priority, and the place of a job that is ready', async () => {
    await queue().add('a', 'b', ['c', 'd10']);
    await queue().update('b', 'p7');
    await queue().update('c', 'p9');
    queue().pass(10);
    await queue().housekeep();
    expect((await (await queue().worker('E')).lease(5)).map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  });

  it('says of a job that runs, has ended or is not there why nothing changed', async () => {
    await queue().add('a', 'b');
    const worker = await queue().worker('E');
    const [a] = await worker.lease(1);
    await queue().cancel('b');
    const { reply, changed } = await queue().change(async () => [
      await queue().update('a', '', 'x'),
      await queue().update('b', '', 'x'),
      await queue().update('none', '', 'x'),
    ]);
    expect([reply, changed]).toEqual([['A', 'F', 'N'], {}]);
    await worker.end(a);
  });

  it('sent twice, has one effect and one answer [core:A13]', async () => {
    await queue().add('a');
    const call = { laneId: 'l', seq: 1, id: 'a', how: 'p5', hasData: 1, data: 'x' };
    const replies = await queue().twice(update, call);
    expect(replies).toEqual([
      { code: 'OK', fate: 'U' },
      { code: 'OK', fate: 'U' },
    ]);
    expect((await queue().dump())['q']).toMatchObject({ turn: '1' });
    await queue().run(update, { ...call, seq: 3 });
    expect(await queue().run(update, { ...call, seq: 2 })).toEqual({ code: 'OLD' });
  });

  it('is refused as a whole when memory is full', async () => {
    await queue().add('a');
    const { changed } = await queue().change(
      () => queue().withFullMemory(() => expect(queue().update('a', 'd5', 'x')).rejects.toThrow(/OOM/)),
      { withLanes: true },
    );
    expect(changed).toEqual({});
  });

  describeMalformed(
    queue,
    'update',
    [
      ...malformedLanes('a', '', 0, ''),
      ['an empty id', ['l', 1, '', '', 0, ''], /PROTOCOL An id/],
      ['an instruction that is none', ['l', 1, 'a', 'cr', 0, ''], /PROTOCOL The instruction/],
      ['a priority out of range', ['l', 1, 'a', 'p1001', 0, ''], /PROTOCOL The priority/],
    ],
    (q) => q.add('a'),
  );
});
