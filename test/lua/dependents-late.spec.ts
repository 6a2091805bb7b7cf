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

  it('are not told of a job that had the id of the one for which they wait now [case:I9]', async () => {
    await queue().addRows([['p\tcj,m0', body()]]);
    await queue().addRows(Array.from({ length: 300 }, (_, i) => [`c${i}\tcj,m0\nd\tf\tp`, body()]));
    await queue().remove('p');
    const [late = ''] = await queue().ids('blocked');
    await queue().remove(late);
    await queue().addRows([['p\tcj,m0', body()]]);
    await queue().addRows([[`${late}\tcj,m0\nd\tf\tp`, body()]]);
    await queue().housekeep();
    expect([await queue().ids('blocked'), (await queue().dump())['dd:p']]).toEqual([[late], [late]]);
  });

  it('wait for it again when it is retried once more, after it had failed a second time before they were told', async () => {
    await queue().addRows([['q\tcj,m60000', body()]]);
    await queue().addRows([['d\tcj,m0\nd\tf\tq', body()]]);
    const worker = await queue().worker('F');
    await worker.end(await worker.leaseOne(), 'f1\t\t\tno');
    await expired('c');
    await queue().retry('q');
    await worker.end(await worker.leaseOne(), 'f1\t\t\tno');
    await queue().housekeep();
    expect([await queue().state('d'), (await queue().dump())['df:q']]).toEqual(['failed', ['d']]);
    expect((await queue().dump())['dq']).toBeUndefined();
    await queue().retry('q');
    expect(await queue().state('d')).toBe('blocked');
  });
});

it('a job with the id of one that has expired and is forgotten waits for what it depends on [case:I9]', async () => {
  await queue().addRows([['q\tcj,m60000', body()]]);
  await queue().addRows([['a\tcj,m0\nd\tf\tq', body({ fields: 'k0:0,x10' })]]);
  const worker = await queue().worker('E');
  await worker.end(await worker.leaseOne(), '1\t"result"');
  queue().pass(20);
  expect(await worker.lease(1)).toEqual([]);
  expect((await queue().dump())['dr:a']).toBeUndefined();
  await queue().add('p');
  await queue().addRows([['a\tcj,m0\nd\tf\tp', body()]]);
  await queue().housekeep();
  expect([await queue().state('a'), (await queue().dump())['dl:a']]).toEqual(['blocked', ['p']]);
  await worker.end(await worker.leaseOne());
  expect(await queue().state('a')).toBe('waiting');
});

it('a job that is retried with another one waits for it, though that one only has the id of what had failed it [case:I9]', async () => {
  await queue().addRows([['p\tcj,m0', body()]]);
  await queue().addRows([['c\tcj,m60000\nd\tf\tp', body()]]);
  await queue().remove('p');
  await queue().addRows([['p\tcj,m60000', body()]]);
  expect([await queue().state('c'), await queue().cancel('p')]).toEqual(['failed', 'C']);
  expect(await queue().retry('c', 'p')).toBe('RR');
  expect(await queue().state('c')).toBe('blocked');
  const worker = await queue().worker('E');
  await worker.end(await worker.leaseOne());
  expect(await queue().state('c')).toBe('waiting');
});

it('what another job has failed as well waits for that one no more when it is gone, whatever job has its id by then', async () => {
  await queue().addRows([
    ['p\tcj,m0', body()],
    ['q\tcj,m60000', body()],
  ]);
  await queue().addRows([['c\tcj,m60000\nd\tf\tp\tq', body()]]);
  await queue().cancel('q');
  await queue().remove('p');
  await queue().addRows([['p\tcj,m60000', body()]]);
  await queue().retry('q');
  expect(await queue().state('c')).toBe('failed');
});
