import { describe, expect, it } from '@jest/globals';

import { nudge } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { heardDuring } from './support/listen.js';

const queue = luaQueue();

describe('nudge', () => {
  it('passes a wake-up on to one parked worker that hears it [core:B13]', async () => {
    for (const epoch of ['E', 'F']) await (await queue().worker(epoch)).exchange({ want: 1, park: 1 });
    const told = await heardDuring(queue(), [queue().key('w:E'), queue().key('w:F')], 1, async () => {
      expect(await queue().run(nudge, {})).toEqual({ code: 'OK' });
    });
    expect(told).toEqual([expect.stringMatching(/:w:[EF]: w$/)]);
    expect((await queue().dump())['i']).toHaveLength(1);
  });

  it('does nothing when nobody is parked', async () => {
    const { changed } = await queue().change(() => queue().run(nudge, {}));
    expect(changed).toEqual({});
  });
});
