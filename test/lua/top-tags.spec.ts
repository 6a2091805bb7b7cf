import { describe, expect, it } from '@jest/globals';

import { topTags } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { describeMalformed } from './support/malformed.js';
import { body } from './support/records.js';

const queue = luaQueue();

describe('top-tags', () => {
  it('gives the tags that most jobs have, with their counts [seed:Q15]', async () => {
    const tags = ['red', 'red\tblue', 'red\tblue\tgreen'];
    await queue().addRows(tags.map((text, n) => [`j${n}\t\nt\t${text}`, body()]));
    const top = (offset: number, limit: number, least: number) => queue().run(topTags, { offset, limit, least });
    expect(await top(0, 10, 1)).toEqual({ code: 'OK', tags: ['red', '3', 'blue', '2', 'green', '1'], total: 3 });
    expect((await top(0, 10, 2)).tags).toEqual(['red', '3', 'blue', '2']);
    expect((await top(1, 1, 1)).tags).toEqual(['blue', '2']);
    expect((await top(9, 1, 1)).tags).toEqual([]);
    await queue().remove('j1', 'j2');
    expect(await top(0, 10, 1)).toEqual({ code: 'OK', tags: ['red', '1'], total: 1 });
  });
});

describeMalformed(queue, 'top-tags', [
  ['a limit of 0', [0, 0, 1], /PROTOCOL limit/],
  ['an offset below 0', [-1, 5, 1], /PROTOCOL offset/],
  ['a least of 0', [0, 5, 0], /PROTOCOL least/],
]);
