import { describe, expect, it } from '@jest/globals';

import { nudge } from '../../libs/core/src/redis/scripts.generated.js';
import { waitFor } from '../support/wait-for.js';
import { luaQueue } from './support/harness.js';

const queue = luaQueue();

describe('nudge', () => {
  it('passes a wake-up on to one parked worker that hears it [core:B13]', async () => {
    for (const epoch of ['E', 'F']) await (await queue().worker(epoch)).exchange({ want: 1, park: 1 });
    const listener = queue().redis.duplicate();
    const told: string[] = [];
    listener.on('message', (channel: string, message: string) => told.push(`${channel.slice(-1)}${message}`));
    await listener.subscribe(queue().key('w:E'), queue().key('w:F'));
    expect(await queue().run(nudge, {})).toEqual({ code: 'OK' });
    await waitFor('the message', () => told.length > 0);
    await listener.quit();
    expect(told).toEqual([expect.stringMatching(/^[EF]w$/)]);
    expect((await queue().dump())['i']).toHaveLength(1);
  });

  it('does nothing when nobody is parked', async () => {
    const { changed } = await queue().change(() => queue().run(nudge, {}));
    expect(changed).toEqual({});
  });
});
