import { describe, expect, it } from '@jest/globals';

import { tagged } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { describeMalformed } from './support/malformed.js';
import { body } from './support/records.js';

const queue = luaQueue();

async function add(...ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await queue().addRows([[`${id}\t\nt\tred`, body()]]);
    queue().pass(1);
  }
}

describe('tagged', () => {
  it('gives the jobs of a tag in the order in which they got it, whatever their state [seed:Q15]', async () => {
    await add('c', 'a', 'b');
    await queue().cancel('a');
    const page = { tag: 'red', cursor: '', limit: 10 };
    expect(await queue().run(tagged, { ...page, reverse: 0 })).toEqual({
      code: 'OK',
      ids: ['c', 'a', 'b'],
      cursor: '',
      total: 3,
    });
    expect((await queue().run(tagged, { ...page, reverse: 1 })).ids).toEqual(['b', 'a', 'c']);
    expect(await queue().run(tagged, { ...page, tag: 'no', reverse: 0 })).toMatchObject({ ids: [], total: 0 });
  });

  it.each([0, 1])('pages exactly while jobs come and go (reverse %d)', async (reverse) => {
    await add('a', 'b', 'c', 'd', 'e');
    const first = await queue().run(tagged, { tag: 'red', cursor: '', limit: 2, reverse });
    await queue().remove(...first.ids);
    await add('f');
    const { ids } = await queue().run(tagged, { tag: 'red', cursor: first.cursor, limit: 9, reverse });
    expect(ids).toEqual(reverse === 1 ? ['c', 'b', 'a'] : ['c', 'd', 'e', 'f']);
  });
});

describeMalformed(queue, 'tagged', [
  ['an empty tag', ['', '', 5, 0], /PROTOCOL The tag/],
  ['a limit of 0', ['red', '', 0, 0], /PROTOCOL limit/],
  ['a limit over 1,000', ['red', '', 1_001, 0], /PROTOCOL limit/],
  ['a cursor that is none', ['red', 'x', 5, 0], /INVALID_OPTION The cursor/],
]);
