import { describe, expect, it } from '@jest/globals';

import { retry } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';

const queue = luaQueue();

async function ended(letter: string, fields = ''): Promise<void> {
  await queue().add(['a', fields.startsWith('p') ? fields : '', { fields }]);
  const worker = await queue().worker('E');
  await worker.end(await worker.leaseOne(), `${letter}1\t\t\tno`);
}

describe('retry', () => {
  it.each(['c', 'f', 't', 'b', 'x'])(
    'sends a job that ended by %s to the back of the queue, as if it had never run',
    async (letter) => {
      await ended(letter);
      await queue().add('b');
      expect(await queue().retry('a')).toBe('R');
      const dump = await queue().dump();
      // The list of completed jobs keeps an entry that counts no more.
      const place = letter === 'c' ? '\t1' : '';
      expect(dump['r']).toEqual(['b', `a${place}`]);
      expect(dump['fc']).toEqual(letter === 'c' ? ['a'] : undefined);
      expect(Object.keys(dump).filter((key) => /^[foye]/.test(key) && key !== 'fc')).toEqual([]);
      const worker = await queue().worker('F');
      const header = letter === 'c' ? '10,0,0,1,Y,' : '10,0,0,0,Y,';
      expect((await worker.lease(2))[1]!.header).toBe(header);
    },
  );

  it('gives a whole budget: failures, stalls and uncounted tries begin anew, and suspicion is over [seed:O13]', async () => {
    await queue().add('a');
    await queue().redis.hset(queue().key('m'), 'a', '15,2,3,0,SN,7');
    await queue().redis.hset(queue().key('q'), 'bits', 'p');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'f1\t\t\tno');
    const { changed } = await queue().change(() => queue().retry('a'));
    expect(changed['m']).toEqual({ a: '10,0,0,0,NY,7' });
    expect(changed).toMatchObject({ pp: { a: expect.any(Number) } });
  });

  it.each(['p5', 'p-5'])('keeps the priority %s that stands in the envelope alone', async (fields) => {
    await ended('c', fields);
    const { changed } = await queue().change(() => queue().retry('a'));
    expect(changed[fields === 'p5' ? 'pp' : 'pn']).toEqual({ a: expect.any(Number) });
  });

  it('takes a job out of those with an age of their own', async () => {
    await ended('c', 'k5000:');
    await queue().retry('a');
    expect((await queue().dump())['y:completed']).toBeUndefined();
  });

  it('runs a job once that was cancelled while it waited, though its old list entry is there [core:A18]', async () => {
    await queue().add('a', 'b');
    await queue().cancel('a');
    await queue().retry('a');
    await queue().cancel('a');
    await queue().retry('a');
    const worker = await queue().worker('E');
    const leased = [...(await worker.lease(2)), ...(await worker.lease(2)), ...(await worker.lease(2))];
    expect(leased.map(({ id }) => id)).toEqual(['b', 'a']);
  });

  it('lets a job that expired run after all: it was asked for', async () => {
    await queue().add(['a', 'p5', { fields: 'p5,x10' }], ['b', '', { fields: 'x1000' }]);
    queue().pass(10);
    const worker = await queue().worker('E');
    const [b] = await worker.lease(5);
    await worker.end(b, 'f1\t\t\tno');
    expect(await queue().retry('a', 'b')).toBe('RR');
    queue().pass(1_000);
    const again = await worker.lease(5);
    expect(again.map(({ id, header }) => [id, header])).toEqual([
      ['a', '10,0,0,0,YX,5'],
      ['b', '10,0,0,0,YX,'],
    ]);
    await worker.exchange({ ends: again.map((job) => [job, 'f1\t\t\tno']) });
    await queue().retry('a');
    expect((await queue().dump())['m']).toMatchObject({ a: '10,0,0,0,YX,5' });
  });

  it('says what became of each, and takes an id once', async () => {
    await ended('f');
    await queue().add('b', ['d', 'd5']);
    expect(await queue().retry('a', 'a', 'b', 'd', 'none')).toBe('RLLLN');
    expect(await queue().ids('waiting')).toEqual(['b', 'a']);
  });

  it('has one effect when it is sent again, and says the same [core:A13]', async () => {
    await ended('f');
    const args = { laneId: 'admin', seq: 2, ids: ['a'] };
    const first = await queue().run(retry, args);
    const worker = await queue().worker('F');
    await worker.end(await worker.leaseOne(), 'f1\t\t\tno');
    const { reply, changed } = await queue().change(() => queue().run(retry, args), { withLanes: true });
    expect([reply, changed]).toEqual([first, {}]);
    expect(await queue().run(retry, { ...args, seq: 1 })).toEqual({ code: 'OLD' });
    expect(await queue().state('a')).toBe('failed');
  });

  it('refuses to judge a queue that uses a feature it does not know [core:A22]', async () => {
    await ended('f');
    await queue().redis.hset(queue().key('q'), 'bits', 'Z');
    await expect(queue().retry('a')).rejects.toThrow(/^UPGRADE_REQUIRED/);
  });
});

describeMalformed(
  queue,
  'retry',
  [
    ...malformedLanes('a'),
    ['an empty id', ['lane', 1, 'a', ''], /PROTOCOL The id/],
    [
      'more than 1,000 ids',
      ['lane', 1, ...Array.from({ length: 1_001 }, (_, i) => `x${i}`)],
      /PROTOCOL More than 1000/,
    ],
  ],
  () => ended('f'),
);
