import { describe, expect, it } from '@jest/globals';

import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';

const queue = luaQueue();

describe('housekeep deletes finished jobs', () => {
  async function finish(letter: string, ...ids: readonly string[]): Promise<void> {
    await queue().add(...ids);
    const worker = await queue().worker(`W${ids[0]}`);
    const jobs = await worker.lease(ids.length);
    await worker.exchange({ ends: jobs.map((job) => [job, `${letter}1\t\t\ttext`]) });
    await worker.close();
  }

  it('past the count of their state, the oldest first, with all that belongs to them [core:B10] [seed:H5, seed:A24, seed:R13]', async () => {
    await queue().configure('keep:failed', '1,');
    await queue().add('a');
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    await queue().raw('note', 'E', 'a', job.token, 'l', '1', 'line');
    await worker.end(job, 'f1\t\t\ttext');
    await worker.close();
    queue().pass(1);
    await finish('f', 'b');
    await queue().housekeep();
    const dump = await queue().dump();
    expect([dump['j'], dump['m'], dump['o'], dump['s:a'], dump['f:failed']]).toEqual([
      { b: expect.any(String) },
      { b: expect.any(String) },
      { b: expect.any(String) },
      undefined,
      { b: START + 1 },
    ]);
  });

  it('past the age of their state, to the millisecond [core:B10] [seed:A16, seed:O12]', async () => {
    await queue().configure('keep:completed', ',5000');
    await finish('c', 'a');
    queue().pass(4_999);
    await queue().housekeep();
    expect(await queue().ids('completed')).toEqual(['a']);
    queue().pass(1);
    await queue().housekeep();
    expect(await queue().ids('completed')).toEqual([]);
  });

  it.each([
    ['c', 'completed', 86_400_000],
    ['x', 'cancelled', 86_400_000],
    ['f', 'failed', 2_592_000_000],
    ['t', 'timed_out', 2_592_000_000],
    ['b', 'broken', 2_592_000_000],
  ])(
    'by the defaults where the queue says nothing: %s %s after %d ms [core:B10] [seed:A24]',
    async (letter, state, age) => {
      await finish(letter, 'a');
      queue().pass(age - 1);
      await queue().housekeep();
      expect(await queue().ids(state)).toEqual(['a']);
      queue().pass(1);
      await queue().housekeep();
      expect(await queue().ids(state)).toEqual([]);
      expect((await queue().dump())['j']).toBeUndefined();
    },
  );

  it('with an age of their own by that alone: no count takes them [core:B10] [seed:A16, seed:A25, seed:O12]', async () => {
    await queue().configure('keep:completed', '1,1000');
    await queue().add(['own', '', { fields: 'k5000:' }], 'a', 'b');
    const worker = await queue().worker('E');
    const jobs = await worker.lease(3);
    await worker.exchange({ ends: jobs.map((job) => [job, '1']) });
    queue().pass(4_999);
    await queue().housekeep();
    expect(await queue().ids('completed')).toEqual(['own']);
    queue().pass(1);
    await queue().housekeep();
    expect(await queue().ids('completed')).toEqual([]);
  });

  it('a part at a time, a share of each state, so that none waits behind another; and says when there are more [core:B10] [seed:A16]', async () => {
    await queue().configure(
      'keep:completed',
      '5,',
      'keep:failed',
      '0000005,',
      'keep:broken',
      '5,',
      'keep:cancelled',
      '5,',
    );
    for (const letter of ['c', 'f', 'b', 'x'])
      await finish(letter, ...Array.from({ length: 25 }, (_, i) => `${letter}${i}`));
    expect(await queue().housekeep(20)).toMatchObject({ more: 1 });
    expect(await queue().counts()).toMatchObject({ finished: ['17', '21', '0', '21', '21'] });
    while ((await queue().housekeep(20)).more === 1);
    expect(await queue().counts()).toMatchObject({ finished: ['5', '5', '0', '5', '5'] });
  });

  it('by the defaults where the retention was damaged', async () => {
    await queue().redis.hset(queue().key('q'), 'keep:completed', 'all');
    await finish('c', 'a');
    queue().pass(86_400_000);
    await queue().housekeep();
    expect(await queue().ids('completed')).toEqual([]);
  });

  describe('and given ids', () => {
    const ids = async (): Promise<unknown> => (await queue().dump())['ids'];

    /** The job is deleted with its end. */
    async function runToDeletion(): Promise<void> {
      const worker = await queue().worker('E');
      await worker.end(await worker.leaseOne());
      await worker.close();
    }

    it('whose time is over, but not before their jobs are gone', async () => {
      await queue().addChecked('x', 'ck,m1000', { fields: 'k0:' });
      await queue().addChecked('y', 'ck,m2000000');
      queue().pass(1_000);
      await queue().housekeep();
      expect(await ids()).toEqual({ x: START + 3_601_000.5, y: START + 2_000_000 });
      expect(await queue().addChecked('x', 'ck,m1000')).toBe('1K');
      await queue().raw('remove', 'admin', 1, 'y');
      await runToDeletion();
      queue().pass(3_600_001);
      await queue().housekeep();
      expect(await ids()).toBeUndefined();
    });

    it('that had to stay for their jobs, as soon as those are gone', async () => {
      await queue().addChecked('x', 'cj,m1000', { fields: 'k0:' });
      queue().pass(1_000);
      await queue().housekeep();
      await runToDeletion();
      expect(await queue().addChecked('x', 'cj,m1000')).toBe('');
      expect(await ids()).toEqual({ x: START + 2_000 });
    });
  });

  it('and takes one that somebody waited for among the others of its state after a minute [core:A19]', async () => {
    await queue().add('a');
    await queue().raw('wait', 'a', 'ch', 60_000);
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne());
    queue().pass(60_000);
    const { changed } = await queue().change(() => queue().housekeep());
    expect(changed).toMatchObject({ fc: ['a'] });
    expect(changed['o']).toBeUndefined();
  });

  it('and keeps one that somebody waited for a minute, whatever the count, and then as the others [core:A19]', async () => {
    await queue().configure('keep:completed', '1,');
    await queue().add('a');
    await queue().raw('wait', 'a', 'ch', 60_000);
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne());
    await worker.close();
    await finish('c', 'b', 'c', 'd');
    await queue().housekeep();
    expect((await queue().ids('completed')).length).toBe(2);
    expect(await queue().ids('completed')).toContain('a');
    queue().pass(59_999);
    await queue().housekeep();
    expect(await queue().state('a')).toBe('completed');
    queue().pass(1);
    const { changed } = await queue().change(() => queue().housekeep());
    expect(changed['y:completed']).toBeUndefined();
    await queue().housekeep();
    expect(await queue().ids('completed')).toEqual(['a']);
    await finish('c', 'e');
    await queue().housekeep();
    expect(await queue().ids('completed')).toEqual(['e']);
  });
});

describe('housekeep frees the list of ghosts', () => {
  it('when they are over a thousand and over half of it, and keeps the order of the others [core:A18]', async () => {
    const ids = Array.from({ length: 2_200 }, (_, i) => `a${i}`);
    for (let i = 0; i < ids.length; i += 550) await queue().add(...ids.slice(i, i + 550));
    const gone = ids.filter((_, i) => i % 3 !== 0);
    for (let i = 0; i < gone.length; i += 500) await queue().cancel(...gone.slice(i, i + 500));
    const left = ids.filter((_, i) => i % 3 === 0);
    expect(await queue().redis.llen(queue().key('r'))).toBe(2_200);
    let passes = 1;
    while ((await queue().housekeep(500)).more === 1) {
      passes += 1;
      expect(await queue().ids('waiting')).toEqual(left);
    }
    expect(passes).toBeGreaterThan(3);
    const dump = await queue().dump();
    expect([dump['q'], dump['rf'], dump['r']]).toEqual([
      expect.objectContaining({ ghosts: '0', bits: '' }),
      undefined,
      left,
    ]);
  });

  it('not when they are few, or less than half', async () => {
    const ids = Array.from({ length: 1_000 }, (_, i) => `a${i}`);
    await queue().add(...ids);
    await queue().cancel(...ids);
    const few = await queue().change(() => queue().housekeep());
    expect(few.changed['r']).toBeUndefined();
    for (let n = 0; n < 4; n++) await queue().add(...Array.from({ length: 500 }, (_, i) => `b${n}-${i}`));
    await queue().cancel(...Array.from({ length: 100 }, (_, i) => `b0-${i}`));
    const half = await queue().change(() => queue().housekeep());
    expect(half.changed['r']).toBeUndefined();
  });

  it('while jobs come, go, return to the front and are leased in between [core:A18]', async () => {
    const ids = Array.from({ length: 2_000 }, (_, i) => `a${i}`);
    for (let i = 0; i < ids.length; i += 500) await queue().add(...ids.slice(i, i + 500));
    for (let i = 0; i < 1_500; i += 500) await queue().cancel(...ids.slice(i, i + 500));
    await queue().housekeep(100);
    const worker = await queue().worker('E');
    const [first] = await worker.lease(1);
    expect(first).toBeUndefined();
    await queue().add('late');
    await queue().housekeep(1_000);
    const [again] = await worker.lease(1);
    expect(again?.id).toBe('a1500');
    await worker.end(again, 'g0\t0\t\t');
    await queue().cancel('a1501');
    expect((await queue().ids('waiting')).slice(0, 2)).toEqual(['a1500', 'a1502']);
    while ((await queue().housekeep()).more === 1);
    const rest = await worker.lease(1_000);
    expect(rest.map(({ id }) => id)).toEqual(['a1500', ...ids.slice(1_502), 'late']);
  });
});
