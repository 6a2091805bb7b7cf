import { describe, expect, it } from '@jest/globals';

import { addChecked, limitResources, resources } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import type { Leased } from './support/lua-worker.js';
import { body } from './support/records.js';

const queue = luaQueue();

/** Adds a job that uses something, such as `gpu\t1`. */
async function add(id: string, uses: string): Promise<void> {
  const rows = [`${id}\t\nr\t${uses}`, body()];
  expect(await queue().run(addChecked, { ...queue().lane(), atomic: 0, rows })).toMatchObject({ code: 'OK' });
}

const limit = (...rows: readonly string[]) => queue().run(limitResources, { rows });
const idsOf = (jobs: readonly Leased[]) => jobs.map(({ id }) => id);

/** What is known of each resource: name, limit, used, waiting. */
async function facts(): Promise<string[]> {
  const { rows } = await queue().run(resources, { after: '', limit: 1_000 });
  return Array.from({ length: rows.length / 4 }, (_each, i) => rows.slice(4 * i, 4 * i + 4).join(' '));
}

describe('limit-resources', () => {
  it('of a limit below what is used lets that run, and of 0 nothing [seed:Q29]', async () => {
    for (const id of ['a', 'b', 'c']) await add(id, 'gpu\t1');
    const worker = await queue().worker('E');
    const [a, b] = await worker.lease(2);
    await limit('gpu', '1');
    expect(await worker.lease(1)).toEqual([]);
    await worker.end(a);
    expect(await worker.lease(1)).toEqual([]);
    await limit('gpu', '0');
    await worker.end(b);
    expect(await worker.lease(1)).toEqual([]);
    await limit('gpu', '1');
    expect(idsOf(await worker.lease(1))).toEqual(['c']);
  });

  it('has a default for resources without a limit of their own', async () => {
    await limit('', '1', 'wide', '3');
    for (const id of ['a', 'b']) await add(id, `one\t1`);
    for (const id of ['c', 'd']) await add(id, `wide\t1`);
    const worker = await queue().worker('E');
    expect(idsOf(await worker.lease(5))).toEqual(['a', 'c', 'd']);
    await limit('', '');
    await queue().housekeep();
    expect(idsOf(await worker.lease(5))).toEqual(['b']);
    expect(await facts()).toEqual(['one  2 0', 'wide 3 2 0']);
  });

  it('done twice is done once; an event tells of what has changed [core:A13]', async () => {
    await queue().configure('listening', '60000');
    for (let n = 0; n < 2; n++) await limit('gpu', '2');
    expect(await queue().told()).toEqual(['g\t\t', 'i\t\tresources:gpu']);
  });

  it.each([
    ['a limit that is no number', ['gpu', 'x'], /INVALID_OPTION/],
    ['a control character', ['g\tu', '1'], /PROTOCOL/],
    ['half a row', ['gpu'], /PROTOCOL/],
  ])('refuses %s and writes nothing', async (_each, rows, error) => {
    const { changed } = await queue().change(async () => {
      await expect(queue().raw('limit-resources', ...rows)).rejects.toThrow(error);
    });
    expect(changed).toEqual({});
  });
});
