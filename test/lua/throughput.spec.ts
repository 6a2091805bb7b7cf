import { describe, expect, it } from '@jest/globals';

import { tally, throughput } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();

const completed = (n: number, age = 0): Promise<unknown> =>
  queue().run(tally, { ...queue().lane(), age, rows: ['ship', String(n), '', ''] });

describe('throughput', () => {
  it('gives the counts of each of the last minutes, the newest last [seed:A30]', async () => {
    await completed(1);
    queue().pass(120_000);
    await completed(2);
    await completed(3, 60_000);
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'f1\t\t\tno');
    const { minute, rows } = await queue().run(throughput, { count: 4 });
    expect(minute).toBe(Math.floor(START / 60_000) + 2);
    expect(rows).toEqual(['', '1,0,0,0,0,0,0', '3,0,0,0,0,0,0', '2,1,0,0,0,0,0']);
  });

  it('forgets what is a day old, and takes nothing that is older', async () => {
    await completed(1);
    queue().pass(86_400_000);
    expect((await queue().run(throughput, { count: 1 })).rows).toEqual(['']);
    await completed(2);
    await completed(4, 86_400_000);
    expect((await queue().run(throughput, { count: 1_440 })).rows.filter((text) => text !== '')).toEqual([
      '2,0,0,0,0,0,0',
    ]);
  });
});

describeMalformed(queue, 'throughput', [
  ['no minute', [0], /PROTOCOL count/],
  ['more than a day', [1_441], /PROTOCOL count/],
]);
