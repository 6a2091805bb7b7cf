import { describe, expect, it } from '@jest/globals';

import { luaQueue } from './support/harness.js';
import { heardDuring } from './support/listen.js';
import { START } from './support/lua-queue.js';

const queue = luaQueue();
const LEASE = 30_000;

/** Lets time pass as it does where somebody looks after the queue all the time. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1_000) {
    queue().pass(Math.min(left, 1_000));
    await queue().housekeep();
  }
}

describe('the grace of a lease that is late', () => {
  it('is none where nobody configured it: the first look past the lease reclaims [seed:Q10]', async () => {
    await queue().add('a');
    await (await queue().worker('E')).leaseOne();
    await pass(LEASE);
    expect(await queue().state('a')).toBe('waiting');
  });

  it('keeps the jobs so much longer: the loser is told, and can still renew and hand in [seed:Q10]', async () => {
    await queue().configure('grace', '10000');
    await queue().add('a');
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    const heard = await heardDuring(queue(), [queue().key('w:E')], 1, () => pass(LEASE));
    expect(heard).toEqual([`${queue().key('w:E')}: l`]);
    expect([await queue().state('a'), (await queue().dump())['L']]).toEqual(['active', { E: START + LEASE + 10_000 }]);
    await pass(9_000);
    expect((await worker.end(job)).refused).toBe('');
    expect((await worker.renew()).code).toBe('OK');
  });

  it('ends: then the job is reclaimed, charged by its start mark as ever [seed:Q10]', async () => {
    await queue().configure('grace', '10000');
    await queue().add('a');
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    await worker.start(job);
    await pass(LEASE + 10_000);
    expect(await queue().state('a')).toBe('waiting');
    expect((await queue().dump())['m']).toEqual({ a: expect.stringMatching(/^10,1,/) });
    expect((await worker.call()).code).toBe('EPOCH_GONE');
  });

  it('is given again to a worker that renewed since: nothing of the first stays with it [seed:Q9, seed:Q10]', async () => {
    await queue().configure('grace', '10000');
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.leaseOne();
    for (let round = 0; round < 2; round++) {
      await pass(LEASE + 5_000);
      expect(await queue().state('a')).toBe('active');
      expect((await worker.renew()).code).toBe('OK');
    }
    await pass(LEASE + 10_000);
    expect(await queue().state('a')).toBe('waiting');
  });
});
