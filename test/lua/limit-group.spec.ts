import { describe, expect, it } from '@jest/globals';

import { grouping } from './support/grouping.js';
import { luaQueue } from './support/harness.js';
import type { Leased } from './support/lua-worker.js';

const queue = luaQueue();
const { add, facts, setGroup } = grouping(queue);

const idsOf = (jobs: readonly Leased[]) => jobs.map(({ id }) => id);

describe('limit-group', () => {
  it('pauses one group and lets it go on', async () => {
    await add('A', ['a']);
    await add('B', ['b']);
    await setGroup('A', 'paused', 'p');
    const worker = await queue().worker('E');
    expect(idsOf((await worker.exchange({ want: 5, park: 1 })).leased)).toEqual(['b']);
    expect(await facts()).toEqual(['A 1 0 ;;p', 'B 0 1 ;;']);
    await setGroup('A', 'paused', '');
    expect(await queue().redis.smembers(queue().key('i'))).toEqual([]);
    expect(idsOf(await worker.lease(5))).toEqual(['a']);
  });

  it('done twice is done once; an event tells of what has changed [core:A13]', async () => {
    await queue().configure('listening', '60000');
    for (let n = 0; n < 2; n++) await setGroup('A', 'concurrency', '2', 'rate', '5,1000');
    expect(await queue().told()).toEqual(['g\t\t', 'i\t\tgroups:A']);
    expect(await facts()).toEqual(['A 0 0 2;5,1000;']);
    await setGroup('A', 'concurrency', '', 'rate', '');
    expect(await facts()).toEqual([]);
  });

  it.each([
    ['a setting that is none', ['A', 'colour', '1'], /INVALID_OPTION/],
    ['a value that cannot be', ['A', 'concurrency', '0'], /INVALID_OPTION/],
    ['half a row', ['A', 'rate'], /PROTOCOL/],
    ['a name with a control character', ['A\tB', 'paused', 'p'], /PROTOCOL/],
  ])('refuses %s and writes nothing', async (_, argv, error) => {
    const { changed } = await queue().change(async () => {
      await expect(queue().raw('limit-group', ...argv)).rejects.toThrow(error);
    });
    expect(changed).toEqual({});
  });
});
