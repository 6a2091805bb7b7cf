import { describe, expect, it } from '@jest/globals';

import { unheard } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();
const ask = async (...ids: readonly string[]): Promise<readonly string[]> => (await queue().run(unheard, { ids })).ids;

describe('unheard', () => {
  it('names jobs whose workers have not shown that they know of the end of their runs [seed:O14, seed:A17]', async () => {
    await queue().add('a', 'b', 'c');
    const [one, two] = [await queue().worker('E'), await queue().worker('F')];
    await one.lease(2);
    await two.lease(1);
    await queue().cancel('a', 'b', 'c');
    expect(await ask('a', 'b', 'c', 'no', 'a')).toEqual(['a', 'b', 'c']);
    await one.renew({ received: 1 });
    expect(await ask('a', 'b', 'c')).toEqual(['b', 'c']);
    await one.exchange({ received: 2 });
    expect(await ask('a', 'b', 'c')).toEqual(['c']);
  });

  it('names none of a worker that is gone', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.lease(1);
    await queue().cancel('a');
    await worker.close();
    expect(await ask('a')).toEqual([]);
  });
});

describeMalformed(queue, 'unheard', [
  ['too many ids', Array.from({ length: 1_001 }, (_, n) => `i${n}`), /PROTOCOL More than/],
]);
