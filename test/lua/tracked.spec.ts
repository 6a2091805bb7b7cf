import { describe, expect, it } from '@jest/globals';

import { track, tracked } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';

const queue = luaQueue();

describe('tracked', () => {
  it('gives what is tracked, the first one first, also what is gone [seed:Q16]', async () => {
    expect((await queue().run(tracked, {})).ids).toEqual([]);
    await queue().add('a', 'b');
    for (const id of ['b', 'a']) {
      await queue().run(track, { ...queue().lane(), on: 1, ids: [id] });
      queue().pass(1);
    }
    await queue().remove('b');
    expect((await queue().run(tracked, {})).ids).toEqual(['b', 'a']);
  });
});
