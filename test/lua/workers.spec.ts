import { describe, expect, it } from '@jest/globals';

import { workers } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';

const queue = luaQueue();

describe('workers', () => {
  it('gives of each live worker its epoch, the end of its lease, how many jobs it holds, and what it says', async () => {
    await queue().add('a', 'b', 'c');
    const worker = await queue().worker('E');
    await worker.lease(1);
    await worker.lease(1, 'k');
    await worker.renew({ pause: 1 });
    await queue().worker('F', 60_000);
    const { reply, changed } = await queue().change(() => queue().run(workers, {}));
    expect(reply).toEqual({
      code: 'OK',
      rows: ['E', String(START + 30_000), '2', '{"name":"E"}', 'F', String(START + 60_000), '0', '{"name":"F"}'],
    });
    expect(changed).toEqual({});
  });

  it('is empty without workers', async () => {
    expect(await queue().run(workers, {})).toEqual({ code: 'OK', rows: [] });
  });
});
