import { describe, expect, it } from '@jest/globals';

import { verify, verifyLost } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';

const queue = luaQueue();

/** List, id and proof of each job that is in no set. */
async function suspects(): Promise<string[]> {
  const { found } = await queue().run(verify, { count: 100, rows: ['j', '', 'af', ''] });
  const rows: string[] = [];
  for (let i = 0; i < found.length; i += 6)
    if (found[i] === 'candidate') rows.push(found[i + 1]!, found[i + 2]!, found[i + 5]!);
  return rows;
}

async function lost(rows: readonly string[]): Promise<string> {
  return (await queue().run(verifyLost, { rows })).lost;
}

describe('verify-lost', () => {
  it('finds a job lost that is in no list either, and no other [case:R16]', async () => {
    await queue().add('producer0~a', 'producer0~b');
    const rows = await suspects();
    expect(await lost(rows)).toBe('00');
    await queue().redis.lrem(queue().key('r'), 1, 'producer0~a');
    expect(rows.filter((_, i) => i % 3 === 1).sort()).toEqual(['producer0~a', 'producer0~b']);
    expect(await lost(['r', 'producer0~a', rows[rows.indexOf('producer0~a') + 1]!])).toBe('1');
    queue().isDamaged = true;
  });

  it('takes no job for lost that has moved since it was suspected', async () => {
    await queue().add('producer0~a', 'producer0~b');
    const rows = await suspects();
    const worker = await queue().worker('E');
    await worker.lease(2);
    expect(await lost(rows)).toBe('00');
    await worker.close();
    expect(await lost(rows)).toBe('00');
    await queue().cancel('producer0~a', 'producer0~b');
    expect(await lost(rows)).toBe('00');
    await queue().remove('producer0~a', 'producer0~b');
    expect(await lost(rows)).toBe('00');
  });

  it('knows completed jobs, and batches that have fired [case:R16]', async () => {
    const worker = await queue().worker('E');
    await queue().add('producer0~a', 'producer0~b');
    await worker.end(await worker.leaseOne());
    await worker.end(await worker.leaseOne(), 'a0\t0\tgreet\t10,200,1,k');
    const rows = await suspects();
    expect(rows.filter((_, i) => i % 3 < 2)).toEqual(['fc', 'producer0~a', 'r', '\tb1']);
    expect(await lost(rows)).toBe('00');
    await queue().redis.del(queue().key('fc'), queue().key('r'));
    expect(await lost(rows)).toBe('11');
    queue().isDamaged = true;
  });

  it('refuses malformed calls', async () => {
    await expect(queue().raw('verify-lost', 'r', 'producer0~a')).rejects.toThrow(/^PROTOCOL /);
  });
});
