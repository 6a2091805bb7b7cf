import { describe, expect, it } from '@jest/globals';

import { failures } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();

/** Runs a job once; it ends by this code, ten ms after the one before. */
async function ended(id: string, code: string, name = 'greet', fields = ''): Promise<void> {
  await queue().add([id, '', { name, fields }]);
  queue().pass(10);
  const worker = await queue().worker(`E${id}`);
  await worker.end(await worker.leaseOne(), code);
}

async function groups(cursor = '', limit = 100): Promise<{ rows: string[]; cursor: string }> {
  const { code: _, ...page } = await queue().run(failures, { group: '', cursor, limit, reverse: 0 });
  return { rows: [...page.rows], cursor: page.cursor };
}

const at = (n: number): string => String(START + 10 * n);

describe('failures', () => {
  it('groups jobs by name and kind of error, the largest group first [seed:Q6, seed:Q7]', async () => {
    await ended('a', 'f1,E_CONN\t\tgreet\tno');
    await ended('b', 'f1,E_CONN\t\tgreet\tno');
    await ended('c', 'f1,E_CONN\t\tship\tno', 'ship');
    await ended('d', '5');
    await ended('e', 'x5\t\t\t');
    expect(await groups()).toEqual({
      rows: ['greet:E_CONN', '2', at(1), at(2), 'b', 'ship:E_CONN', '1', at(3), at(3), 'c'],
      cursor: '',
    });
  });

  it.each([
    ['f', 'Error'],
    ['t', 'timeout'],
    ['b', 'broken'],
  ])('takes for an end by %s that does not say its kind: %s, and the name from the job', async (letter, kind) => {
    await ended('a', `${letter}1\t\t\tno`, 'ship');
    expect((await groups()).rows[0]).toBe(`ship:${kind}`);
  });

  it('has a job that stalled too often under a kind of its own', async () => {
    await queue().add(['a', '', { fields: 's1' }]);
    const worker = await queue().worker('E', 100);
    await worker.start(await worker.leaseOne());
    for (let look = 0; look < 9; look++) {
      queue().pass(30);
      await queue().housekeep();
    }
    expect(await queue().state('a')).toBe('failed');
    expect((await groups()).rows[0]).toBe('greet:stalled');
  });

  it('pages through groups, and through the jobs of one, from either end [seed:Q7]', async () => {
    for (const id of ['a', 'b', 'c']) await ended(id, `f1,E_${id}\t\tgreet\tno`);
    for (const id of ['d', 'e', 'f']) await ended(id, 'f1,E_a\t\tgreet\tno');
    const first = await groups('', 2);
    expect([first.rows.length, first.cursor]).toEqual([10, '2']);
    const rest = await groups(first.cursor, 2);
    expect([rest.rows.length, rest.cursor]).toEqual([5, '']);
    const jobs = async (cursor: string, reverse: number): Promise<unknown> => {
      const page = await queue().run(failures, { group: 'greet:E_a', cursor, limit: 3, reverse });
      return [page.rows, page.cursor];
    };
    expect(await jobs('', 0)).toEqual([['a', 'd', 'e'], `${at(5)}/e`]);
    expect(await jobs(`${at(5)}/e`, 0)).toEqual([['f'], '']);
    expect(await jobs('', 1)).toEqual([['f', 'e', 'd'], `${at(4)}/d`]);
  });

  it.each([
    ['retry', (): Promise<unknown> => queue().retry('a')],
    ['remove', (): Promise<unknown> => queue().remove('a')],
    ['replacing it', (): Promise<unknown> => queue().addChecked('a', 'cr,m50')],
    [
      'retention',
      async (): Promise<void> => {
        await queue().configure('keep:failed', '1,');
        await queue().housekeep();
      },
    ],
  ])('counts a job no more after %s [seed:Q26]', async (_, leave) => {
    await queue().addChecked('a', 'ck,m50');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'f1\t\tgreet\tno');
    await ended('b', 'f1\t\tgreet\tno');
    expect((await groups()).rows.slice(0, 2)).toEqual(['greet:Error', '2']);
    await leave();
    expect((await groups()).rows.slice(0, 2)).toEqual(['greet:Error', '1']);
  });

  it('has jobs with an age of their own, until that is over', async () => {
    await ended('a', 'f1\t\t\tno', 'greet', 'k:50');
    expect((await groups()).rows[1]).toBe('1');
    queue().pass(50);
    await queue().housekeep();
    expect((await groups()).rows).toEqual([]);
  });

  it('has none that is not kept', async () => {
    await ended('a', 'f1\t\t\tno', 'greet', 'k:0');
    expect((await groups()).rows).toEqual([]);
  });

  it('keeps failed, timed out and broken jobs apart, each by its own bounds [seed:H5, seed:H7, seed:H8, seed:I2, seed:A24]', async () => {
    await queue().configure('keep:failed', '2,', 'keep:timed_out', '1,', 'keep:broken', ',1000');
    for (const id of ['a', 'b', 'c']) await ended(`f${id}`, 'f1\t\t\tno');
    for (const id of ['a', 'b']) await ended(`t${id}`, 't1\t\t\tno');
    await ended('ba', 'b1\t\t\tno');
    queue().pass(900);
    await ended('bb', 'b1\t\t\tno');
    queue().pass(100);
    await queue().housekeep();
    expect(await Promise.all(['failed', 'timed_out', 'broken'].map((state) => queue().ids(state)))).toEqual([
      ['fb', 'fc'],
      ['tb'],
      ['bb'],
    ]);
    expect((await queue().dump())['j']).toMatchObject({ bb: expect.stringContaining('{}') });
  });

  it('refuses a kind that is too long, or not set off [core:A22]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    for (const code of [`f1,${'x'.repeat(257)}\t\t\tno`, 'f1x\t\t\tno'])
      await expect(worker.end(job, code)).rejects.toThrow(/PROTOCOL An end of an attempt cannot be read/);
    expect(await queue().state('a')).toBe('active');
  });
});

describeMalformed(queue, 'failures', [
  ['a limit of 0', ['', '', 0, 0], /PROTOCOL limit/],
  ['a cursor of groups that is no number', ['', 'x', 5, 0], /INVALID_OPTION The cursor/],
  ['a cursor of jobs that is none', ['greet:Error', 'x', 5, 0], /INVALID_OPTION The cursor/],
]);
