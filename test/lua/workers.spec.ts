import { describe, expect, it } from '@jest/globals';

import { workers } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();
const SINCE = String(START);
const ask = (offset = 0, limit = 100) => queue().run(workers, { offset, limit });

describe('workers', () => {
  it('gives of each live worker its epoch, the end of its lease, how many jobs it holds, and what it says [seed:Q22]', async () => {
    await queue().add('a', 'b', 'c');
    const worker = await queue().worker('E');
    await worker.lease(1);
    await worker.lease(1, 'k');
    await worker.renew({ pause: 1 });
    await queue().worker('F', 60_000);
    const { reply, changed } = await queue().change(() => ask());
    expect(reply).toEqual({
      code: 'OK',
      rows: [
        ...['E', String(START + 30_000), '2', '{"name":"E"}', SINCE, ''],
        ...['F', String(START + 60_000), '0', '{"name":"F"}', SINCE, ''],
      ],
      total: 2,
    });
    expect(changed).toEqual({});
  });

  it('counts what a worker holds exactly, whatever its epoch has beside', async () => {
    await queue().add('a', 'b', 'c', 'd');
    const worker = await queue().worker('E');
    const held = async (): Promise<unknown> => [(await ask()).rows[2], (await queue().counts()).active];
    expect(await held()).toEqual(['0', 0]);
    for (const slot of ['0', '1', 'k', 'k1']) await worker.lease(1, slot);
    expect(await held()).toEqual(['4', 4]);
    await queue().cancel('a');
    await worker.renew({ pause: 1 });
    await worker.call({ slot: '0', seq: 1 });
    expect(await held()).toEqual(['3', 3]);
  });

  it('pages by the ends of the leases', async () => {
    for (const [n, epoch] of ['A', 'B', 'C'].entries()) await queue().worker(epoch, 10_000 + n);
    expect((await ask(1, 1)).rows[0]).toBe('B');
    expect(await ask(3, 1)).toEqual({ code: 'OK', rows: [], total: 3 });
  });

  it('is empty without workers', async () => {
    expect(await ask()).toEqual({ code: 'OK', rows: [], total: 0 });
  });

  it('has those no more whose leases are over, once somebody looked [seed:Q22]', async () => {
    await queue().worker('E');
    for (let n = 0; n < 4; n++) {
      queue().pass(9_000);
      await queue().housekeep();
    }
    expect((await ask()).total).toBe(0);
  });
});

describeMalformed(queue, 'workers', [
  ['a limit over 100', [0, 101], /PROTOCOL limit/],
  ['an offset below 0', [-1, 5], /PROTOCOL offset/],
]);
