import { describe, expect, it } from '@jest/globals';

import { retryMany } from '../../libs/core/src/redis/scripts.generated.js';
import { finishedJobs } from './support/finished-jobs.js';
import { luaQueue } from './support/harness.js';
import { zip } from './support/lua-worker.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';

const queue = luaQueue();
const { ended, all } = finishedJobs(queue, retryMany);

describe('retry-many', () => {
  it('sends the oldest jobs of a group to the back of the queue, with a whole budget [seed:Q26]', async () => {
    await ended(['a', 'b', 'c']);
    await ended(['d'], 'f1,OTHER\t\tgreet\tno');
    const first = await all({ limit: 2 });
    expect(first).toMatchObject({ done: 2, passed: 0, left: 1 });
    expect(first.cursor).not.toBe('');
    expect(await queue().ids('waiting')).toEqual(['a', 'b']);
    expect(await all({ limit: 2, cursor: first.cursor, untilMs: first.at })).toMatchObject({
      done: 1,
      left: 0,
      cursor: '',
    });
    const worker = await queue().worker('F');
    expect((await worker.lease(9)).map(({ id, header }) => [id, header])).toEqual(
      ['a', 'b', 'c'].map((id) => [id, '10,0,0,0,Y,']),
    );
    expect(await queue().ids('failed')).toEqual(['d']);
  });

  it('takes the jobs of a state, those with an age of their own last', async () => {
    await ended(['a'], 't1\t\t\tno', 'k:90000');
    await ended(['b', 'c'], 't1\t\t\tno');
    await ended(['d']);
    const first = await all({ what: 'state', value: 'timed_out' });
    expect(first).toMatchObject({ done: 2, left: 1, cursor: 'own:' });
    expect(await all({ what: 'state', value: 'timed_out', cursor: 'own:' })).toMatchObject({
      done: 1,
      left: 0,
      cursor: '',
    });
    expect(await queue().ids('waiting')).toEqual(['b', 'c', 'a']);
  });

  it('only counts with a limit of 0 [seed:Q26]', async () => {
    await ended(['a', 'b']);
    const { reply, changed } = await queue().change(() => all({ limit: 0 }));
    expect([reply, changed]).toEqual([expect.objectContaining({ done: 0, left: 2 }), {}]);
  });

  it('leaves what ended later than the first call, so that a job which fails again is not met twice', async () => {
    await ended(['a', 'b']);
    const { at } = await all({ limit: 1 });
    const worker = await queue().worker('F');
    queue().pass(5);
    await worker.end(await worker.leaseOne(), 'f1,E\t\tgreet\tno');
    expect(await all({ untilMs: at })).toMatchObject({ done: 1, left: 0, cursor: '' });
    expect(await queue().ids('failed')).toEqual(['a']);
  });

  it('passes over a job whose unique key another one has, and goes on behind it', async () => {
    const unique = (id: string): [string, string] => [`${id}\t\nu\t77\tu\t\tk`, 'u\tgreet\tu77\t\n{}'];
    await queue().raw('add-checked', 'one', 1, 0, ...unique('a'));
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'f1,E\t\tgreet\tno');
    await queue().raw('add-checked', 'two', 1, 0, ...unique('b'));
    await queue().cancel('none');
    const [b] = await worker.lease(1);
    await ended(['c']);
    const first = await all({ limit: 1 });
    expect(first).toMatchObject({ done: 0, passed: 1, left: 2 });
    expect(await all({ limit: 1, cursor: first.cursor })).toMatchObject({ done: 1, left: 1 });
    await worker.end(b, '1');
    expect(await all()).toMatchObject({ done: 1, passed: 0, left: 0 });
  });

  it('stops after 1 MiB of records, and goes on there', async () => {
    const big = `x${'x'.repeat(600_000)}`;
    await queue().add(...['a', 'b', 'c'].map((id) => [id, '', { payload: big }] as const));
    const worker = await queue().worker('E');
    const leased = await worker.lease(3);
    await worker.exchange({ ends: zip(leased, Array(3).fill('f1,E\t\tgreet\tno')) });
    const first = await all();
    expect(first).toMatchObject({ done: 2, left: 1 });
    expect(await all({ cursor: first.cursor })).toMatchObject({ done: 1, left: 0 });
  });

  it('works when memory is full', async () => {
    await ended(['a']);
    await queue().withFullMemory(() => all());
    expect(await queue().state('a')).toBe('waiting');
  });

  it('has one effect when it is sent again, and says the same [core:A13]', async () => {
    await ended(['a', 'b', 'c']);
    const args = { laneId: 'bulk', seq: 2, what: 'group', value: 'greet:E', untilMs: 0, cursor: '', limit: 1 };
    const [first, second] = await queue().twice(retryMany, args);
    expect(second).toEqual(first);
    expect(await queue().ids('waiting')).toEqual(['a']);
    expect(await queue().run(retryMany, { ...args, seq: 1 })).toEqual({ code: 'OLD' });
  });
});

describeMalformed(
  queue,
  'retry-many',
  [
    ...malformedLanes('group', 'greet:E', 0, '', 5),
    ['a choice that is none', ['lane', 1, 'tag', 'x', 0, '', 5], /PROTOCOL Jobs are chosen by/],
    ['a state that is none', ['lane', 1, 'state', 'waiting', 0, '', 5], /PROTOCOL Jobs are chosen by/],
    ['no group', ['lane', 1, 'group', '', 0, '', 5], /PROTOCOL The group/],
    ['a limit over 500', ['lane', 1, 'group', 'x', 0, '', 501], /PROTOCOL limit/],
    ['a time that is none', ['lane', 1, 'group', 'x', -1, '', 5], /PROTOCOL until_ms/],
    ['a cursor that is none', ['lane', 1, 'group', 'greet:E', 0, 'x', 5], /INVALID_OPTION The cursor/],
  ],
  () => ended(['a']),
);
