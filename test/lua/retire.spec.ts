import { describe, expect, it } from '@jest/globals';

import { retire } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();

describe('retire', () => {
  it('is refused while jobs run, and changes nothing then [seed:A30]', async () => {
    await queue().add('a', 'b');
    await (await queue().worker('E')).lease(2);
    const { reply, changed } = await queue().change(() => queue().run(retire, { force: 0 }));
    expect([reply, changed]).toEqual([{ code: 'ACTIVE', jobs: 2 }, {}]);
    expect(await queue().run(retire, { force: 1 })).toEqual({ code: 'OK' });
  });

  it('pauses the queue, so that nothing starts [core:A13]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    expect(await queue().twice(retire, { force: 0 })).toEqual([{ code: 'OK' }, { code: 'OK' }]);
    expect(await worker.lease(1)).toEqual([]);
    expect((await queue().dump())['q']).toMatchObject({ pause: '1' });
  });
});

describeMalformed(queue, 'retire', [['neither 0 nor 1', [2], /PROTOCOL force/]]);
