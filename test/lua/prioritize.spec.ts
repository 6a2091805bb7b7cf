import { describe, expect, it } from '@jest/globals';

import { limitResources, prioritize } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { heardDuring } from './support/listen.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';
import { body } from './support/records.js';

const queue = luaQueue();

describe('prioritize', () => {
  it('moves a waiting job out of the list; its entry stays as a ghost [core:A18] [seed:Q14]', async () => {
    await queue().add('a', 'b');
    const { reply, changed } = await queue().change(() => queue().prioritize('a', 5));
    expect(reply).toBe('P');
    expect(changed).toEqual({
      q: expect.objectContaining({ bits: 'p', ghosts: '1', places: '1', turn: '1' }),
      m: { a: '10,0,0,1,,5' },
      pp: { a: expect.any(Number) },
    });
  });

  it('of a job that waits for a resource, behind one that asks for more than is free, wakes a worker', async () => {
    await queue().run(limitResources, { rows: ['gpu', '2'] });
    await queue().addRows([
      ['held\t\nr\tgpu\t1', body()],
      ['large\t\nr\tgpu\t2', body()],
      ['small\t\nr\tgpu\t1', body()],
    ]);
    const worker = await queue().worker('E');
    expect((await worker.exchange({ want: 3, park: 1 })).leased).toMatchObject([{ id: 'held' }]);
    const heard = await heardDuring(queue(), [queue().key('w:E')], 1, () => queue().prioritize('small', 5));
    expect(heard).toEqual([`${queue().key('w:E')}: w`]);
    expect(await worker.lease(3)).toMatchObject([{ id: 'small' }]);
  });

  it('runs a job once, however often its priority changed: 0, 5, 0, 5, 0 [core:A18, core:B7]', async () => {
    await queue().add('a', 'b');
    for (const priority of [5, 0, 5, 0]) await queue().prioritize('a', priority);
    expect(await queue().redis.lrange(queue().key('r'), 0, -1)).toEqual(['a', 'b', 'a\t1', 'a\t2']);
    const worker = await queue().worker('E');
    const leased = [...(await worker.lease(2)), ...(await worker.lease(2)), ...(await worker.lease(2))];
    expect(leased.map(({ id }) => id)).toEqual(['b', 'a']);
    expect((await queue().dump())['q']).toMatchObject({ ghosts: '0' });
  });

  it('to 0 sends a job to the back of the list; to another priority behind those of that [core:B7] [seed:Q14]', async () => {
    await queue().add(['a', 'p5', { fields: 'p5' }], ['b', 'p7', { fields: 'p7' }], 'c');
    await queue().prioritize('a', 0);
    await queue().prioritize('c', 7);
    expect((await (await queue().worker('E')).lease(5)).map(({ id }) => id)).toEqual(['b', 'c', 'a']);
  });

  it('holds for a job that waits for its time or for a handler, once it is ready', async () => {
    await queue().add('aside', ['a', 'd10'], ['b', 'd10,p5', { fields: 'p5' }], 'c');
    const worker = await queue().worker('E');
    const [aside] = await worker.lease(1);
    await worker.end(aside, 'n1\t0\tgreet\t');
    await queue().prioritize('a', 9);
    await queue().prioritize('b', -1);
    await queue().prioritize('aside', 8);
    queue().pass(10);
    await queue().housekeep();
    await queue().raw('claim', 'greet');
    expect((await worker.lease(5)).map(({ id }) => id)).toEqual(['a', 'aside', 'c', 'b']);
  });

  it('holds for a running job that comes back', async () => {
    await queue().add('a', 'b');
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    const { changed } = await queue().change(() => queue().prioritize('a', -3));
    expect(changed).toMatchObject({ m: { a: '10,0,0,0,,-3' }, 'h:E': { a: '0.1.1000000000000H' } });
    await worker.end(job, 'g0\t0\t\t');
    expect(await queue().ids('waiting')).toEqual(['b', 'a']);
  });

  it('leaves no header behind when the running job ends and is not kept', async () => {
    await queue().configure('keep:completed', '0,');
    await queue().add(['a', '', { fields: 's5' }]);
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    await worker.start(job);
    await queue().prioritize('a', 5);
    await queue().prioritize('a', 6);
    expect((await queue().dump())['h:E']).toMatchObject({ a: '0.1.1000000000000s5MH' });
    await worker.end(job);
    expect((await queue().dump())['m']).toBeUndefined();
  });

  it.each([
    ['F', 'has ended'],
    ['N', 'does not exist'],
  ])('says %s of a job that %s, and changes nothing', async (fate) => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne());
    const { reply, changed } = await queue().change(() => queue().prioritize(fate === 'F' ? 'a' : 'none', 5));
    expect([reply, changed]).toEqual([fate, {}]);
  });

  it('has one effect when it is sent again [core:A13]', async () => {
    await queue().add('a', 'b');
    const args = { laneId: 'admin', seq: 2, id: 'a', priority: 0 };
    const first = await queue().run(prioritize, args);
    const { reply, changed } = await queue().change(() => queue().run(prioritize, args), { withLanes: true });
    expect([reply, changed]).toEqual([first, {}]);
    expect(await queue().run(prioritize, { ...args, seq: 1 })).toEqual({ code: 'OLD' });
    expect(await queue().ids('waiting')).toEqual(['b', 'a']);
  });

  it('switches no feature on that a running worker does not know [core:A22]', async () => {
    await queue().add('a');
    await queue().raw('open', 'old', 0, 30_000, 'x');
    const before = await queue().dump();
    await expect(queue().prioritize('a', 5)).rejects.toThrow(/^UPGRADE_REQUIRED/);
    expect(await queue().dump()).toEqual(before);
    expect(await queue().prioritize('a', 0)).toBe('P');
  });

  it('refuses to judge a queue that uses a feature it does not know [core:A22]', async () => {
    await queue().add('a');
    await queue().redis.hset(queue().key('q'), 'bits', 'Z');
    await expect(queue().prioritize('a', 5)).rejects.toThrow(/^UPGRADE_REQUIRED/);
  });

  it.each([1_000, -1_000])('orders the outermost priority %d exactly, after a million turns', async (priority) => {
    await queue().redis.hset(queue().key('q'), { turn: '1000000', head: '1000000' });
    await queue().add('a', 'b');
    await queue().prioritize('a', priority);
    await queue().prioritize('b', priority);
    const worker = await queue().worker('E');
    const jobs = await worker.lease(2);
    expect(jobs.map(({ id }) => id)).toEqual(['a', 'b']);
    await worker.exchange({ ends: jobs.map((job) => [job, 'g0\t0\t\t']) });
    expect(await queue().ids('waiting')).toEqual(['a', 'b']);
  });
});

describeMalformed(
  queue,
  'prioritize',
  [
    ...malformedLanes('a', 5),
    ['an empty id', ['lane', 1, '', 5], /PROTOCOL The id/],
    ['a priority that is no number', ['lane', 1, 'a', 'high'], /PROTOCOL The priority/],
    ['a priority with a fraction', ['lane', 1, 'a', 1.5], /PROTOCOL The priority/],
    ['a priority out of range', ['lane', 1, 'a', -1_001], /PROTOCOL The priority/],
  ],
  (prepared) => prepared.add('a'),
);
