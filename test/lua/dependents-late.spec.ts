import { describe, expect, it } from '@jest/globals';

import { luaQueue } from './support/harness.js';
import { body } from './support/records.js';

const queue = luaQueue();

/** A job that has expired; those that wait for it will hear of it from housekeeping. */
async function expired(...children: readonly string[]): Promise<void> {
  await queue().addRows([['p\tcj,m60000', body({ fields: 'x10' })]]);
  for (const child of children) await queue().addRows([[`${child}\tcj,m0\nd\tf\tp`, body()]]);
  const worker = await queue().worker('E');
  queue().pass(20);
  expect(await worker.lease(1)).toEqual([]);
  expect([await queue().state('p'), await queue().state(children[0] ?? '')]).toEqual(['cancelled', 'blocked']);
}

describe('jobs that have still to be told how another one has ended', () => {
  it.each(['cancel', 'remove'] as const)(
    'hear nothing, and leave nothing, when they wait no more: %s [case:I9]',
    async (what) => {
      await expired('c');
      await queue()[what]('c');
      await queue().housekeep();
      expect((await queue().dump())['df:p']).toBeUndefined();
    },
  );

  it('wait for it once more when it is retried before [case:I9]', async () => {
    await expired('c');
    await queue().retry('p');
    await queue().housekeep();
    expect(await queue().state('c')).toBe('blocked');
    const worker = await queue().worker('F');
    await worker.end(await worker.leaseOne());
    expect(await queue().state('c')).toBe('waiting');
  });

  it('hear how it has ended since', async () => {
    await expired('c');
    await queue().retry('p');
    const worker = await queue().worker('F');
    await worker.end(await worker.leaseOne());
    await queue().housekeep();
    expect(await queue().state('c')).toBe('waiting');
  });

  it('wait for the job that has taken its id', async () => {
    await expired('c');
    expect(await queue().addChecked('p', 'cr,m60000')).toBe('1R');
    await queue().housekeep();
    expect([await queue().state('c'), (await queue().dump())['dd:p']]).toEqual(['blocked', ['c']]);
  });

  it('hear that it was removed, whatever job has its id by then', async () => {
    await expired('c');
    await queue().remove('p');
    await queue().addChecked('p', 'cj,m60000');
    await queue().housekeep();
    expect(await queue().state('c')).toBe('failed');
  });
});
