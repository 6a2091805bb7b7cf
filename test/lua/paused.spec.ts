import { describe, expect, it } from '@jest/globals';

import { paused } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';

const queue = luaQueue();

describe('paused', () => {
  it('says the pause number, and how many live workers have not obeyed it yet [core:B8]', async () => {
    const [first, second] = [await queue().worker('E'), await queue().worker('F')];
    expect(await queue().run(paused, {})).toEqual({ code: 'OK', pause: 0, behind: 0 });
    await queue().raw('pause', 1);
    expect(await queue().run(paused, {})).toEqual({ code: 'OK', pause: 1, behind: 2 });
    await first.renew({ pause: 1 });
    expect(await queue().run(paused, {})).toEqual({ code: 'OK', pause: 1, behind: 1 });
    await second.renew({ pause: 1 });
    expect(await queue().run(paused, {})).toEqual({ code: 'OK', pause: 1, behind: 0 });
  });

  it('does not count workers whose lease is over, although nobody has swept them yet [core:B8]', async () => {
    await (await queue().worker('E', 1_000)).renew({ lease: 1_000 });
    const other = await queue().worker('F');
    await queue().raw('pause', 1);
    queue().pass(999);
    expect(await queue().run(paused, {})).toEqual({ code: 'OK', pause: 1, behind: 2 });
    queue().pass(1);
    expect(await queue().run(paused, {})).toEqual({ code: 'OK', pause: 1, behind: 1 });
    await other.renew({ pause: 1 });
    expect(await queue().run(paused, {})).toEqual({ code: 'OK', pause: 1, behind: 0 });
  });

  it('does not count workers that are gone or going', async () => {
    await queue().add('a');
    await (await queue().worker('E')).lease(1);
    await queue().raw('pause', 1);
    await queue().redis.hdel(queue().key('h:E'), '\topen');
    expect(await queue().run(paused, {})).toMatchObject({ behind: 0 });
  });
});
