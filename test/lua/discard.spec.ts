import { describe, expect, it } from '@jest/globals';

import { discard } from '../../libs/core/src/redis/scripts.generated.js';
import { finishedJobs } from './support/finished-jobs.js';
import { luaQueue } from './support/harness.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';

const queue = luaQueue();
const { ended, all } = finishedJobs(queue, discard);

describe('discard', () => {
  it('forgets the oldest jobs of a group for good, with all that was kept of them [seed:Q26]', async () => {
    await ended(['a', 'b', 'c'], 'f1,E\t\tgreet\tno', 'k:90000');
    expect(await all({ limit: 2 })).toMatchObject({ done: 2, left: 1 });
    expect(await all()).toMatchObject({ done: 1, left: 0, cursor: '' });
    const dump = await queue().dump();
    const left = Object.keys(dump).filter((key) => !/^(q|l|lz|L|ws|h:.*|s[dt].*|sm|mi)$/.test(key));
    expect(left).toEqual([]);
  });

  it.each(['failed', 'timed_out', 'broken', 'cancelled'])(
    'forgets all jobs that are %s, and no others',
    async (state) => {
      for (const letter of ['f', 't', 'b', 'x', 'c']) await ended([`${letter}1`, `${letter}2`], `${letter}1\t\t\tno`);
      const { cursor } = await all({ what: 'state', value: state });
      expect(await all({ what: 'state', value: state, cursor })).toMatchObject({ done: 0, left: 0, cursor: '' });
      const counts = await queue().counts();
      expect(counts.finished.reduce((sum, n) => sum + Number(n), 0)).toBe(8);
      expect(await queue().ids(state)).toEqual([]);
    },
  );

  it('only counts with a limit of 0', async () => {
    await ended(['a', 'b']);
    const { reply, changed } = await queue().change(() => all({ limit: 0 }));
    expect([reply, changed]).toEqual([expect.objectContaining({ done: 0, left: 2 }), {}]);
  });

  it('leaves what ended after the time that it is told', async () => {
    await ended(['a']);
    const { at } = await all({ limit: 0 });
    await ended(['b']);
    expect(await all({ untilMs: at })).toMatchObject({ done: 1, left: 0 });
    expect(await queue().ids('failed')).toEqual(['b']);
  });

  it('frees a given id', async () => {
    await queue().addChecked('a', 'cj,m50000');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'f1,E\t\tgreet\tno');
    await all();
    expect(await queue().addChecked('a', 'cj,m50000')).toBe('');
  });

  it('works when memory is full', async () => {
    await ended(['a']);
    await queue().withFullMemory(() => all());
    expect(await queue().state('a')).toBe('');
  });

  it('has one effect when it is sent again, and says the same [core:A13]', async () => {
    await ended(['a', 'b']);
    const args = { laneId: 'bulk', seq: 2, what: 'group', value: 'greet:E', untilMs: 0, cursor: '', limit: 1 };
    const [first, second] = await queue().twice(discard, args);
    expect(second).toEqual(first);
    expect(await queue().ids('failed')).toEqual(['b']);
    expect(await queue().run(discard, { ...args, seq: 1 })).toEqual({ code: 'OLD' });
  });
});

describeMalformed(
  queue,
  'discard',
  [
    ...malformedLanes('group', 'greet:E', 0, '', 5),
    ['a choice that is none', ['lane', 1, 'tag', 'x', 0, '', 5], /PROTOCOL Jobs are chosen by/],
    ['a limit over 500', ['lane', 1, 'group', 'x', 0, '', 501], /PROTOCOL limit/],
    ['a cursor that is none', ['lane', 1, 'group', 'greet:E', 0, 'x', 5], /INVALID_OPTION The cursor/],
  ],
  () => ended(['a']),
);
