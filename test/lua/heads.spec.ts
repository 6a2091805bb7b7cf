import { describe, expect, it } from '@jest/globals';

import { heads } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';

const queue = luaQueue();
const ask = async (): Promise<readonly string[]> => (await queue().run(heads, {})).rows;

describe('heads', () => {
  it('gives the first job of each priority, the highest priority first, and the time [seed:A30]', async () => {
    expect(await queue().run(heads, {})).toEqual({ code: 'OK', rows: [], at: START });
    await queue().add('a', 'b');
    for (const [id, p] of [
      ['c', 5],
      ['d', 5],
      ['e', 1_000],
      ['f', -1_000],
      ['g', -1],
      ['h', 1],
    ] as const)
      await queue().add([id, `p${p}`, { fields: `p${p}` }]);
    expect(await ask()).toEqual(['1000', 'e', '5', 'c', '1', 'h', '0', 'a', '-1', 'g', '-1000', 'f']);
  });

  it('passes over ghosts, and follows what is put to the front', async () => {
    await queue().add('a', 'b', 'c');
    await queue().cancel('a');
    expect(await ask()).toEqual(['0', 'b']);
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    expect(await ask()).toEqual(['0', 'c']);
    await worker.end(job, 'g0\t0\t\t');
    expect(await ask()).toEqual(['0', 'b']);
  });

  it('looks at a hundred priorities above 0 and a hundred below', async () => {
    const rows = Array.from({ length: 150 }, (_, n) => [`a${n}`, `p${n + 1}`, { fields: `p${n + 1}` }] as const);
    await queue().add(...rows);
    const found = await ask();
    expect([found.length / 2, found[0], found.at(-2)]).toEqual([100, '150', '51']);
  });
});
