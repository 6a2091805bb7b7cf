import { describe, expect, it } from '@jest/globals';

import { tag } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';
import { body } from './support/records.js';

const queue = luaQueue();

async function give(id: string, ...tags: readonly string[]): Promise<string> {
  return fate(id, 1, tags);
}

async function take(id: string, ...tags: readonly string[]): Promise<string> {
  return fate(id, 0, tags);
}

async function fate(id: string, on: number, tags: readonly string[]): Promise<string> {
  const reply = await queue().run(tag, { ...queue().lane(), id, on, tags });
  return reply.code === 'OK' ? reply.fate : reply.code;
}

/** Jobs in every place where one can be, by id. */
async function oneInEachState(): Promise<string[]> {
  const worker = await queue().worker('E');
  await queue().add('retrying', 'completed', 'aside', 'active');
  const [retrying, completed, aside] = await worker.lease(4);
  await worker.end(retrying, 'r1\t1000\t\tno');
  await worker.end(completed, '1');
  await worker.end(aside, 'n1\t0\tgreet\t');
  await queue().add('waiting', ['delayed', 'd100'], ['urgent', 'p5', { fields: 'p5' }], 'cancelled');
  await queue().cancel('cancelled');
  return ['retrying', 'completed', 'aside', 'active', 'waiting', 'delayed', 'urgent', 'cancelled'];
}

describe('tag', () => {
  it('gives a job tags: its lines, the sets of the tags and their counts [seed:Q15]', async () => {
    await queue().add('a');
    const { reply, changed } = await queue().change(() => give('a', 'red', 'blue'));
    expect(reply).toBe('T');
    expect(changed).toEqual({
      m: { a: '10,0,0,0,T,' },
      x: { a: 't\tred\tblue' },
      'tg:red': { a: START },
      'tg:blue': { a: START },
      tc: { red: 1, blue: 1 },
    });
  });

  it('counts exactly: a tag that is there is not added again, one that is not there is not taken [seed:Q15]', async () => {
    await queue().add('a', 'b');
    await give('a', 'red');
    await give('b', 'red');
    const { reply, changed } = await queue().change(async () => [
      await give('a', 'red', 'red'),
      await take('a', 'blue'),
      await take('b', 'green', 'green'),
    ]);
    expect([reply, changed]).toEqual([['T', 'T', 'T'], {}]);
    await take('a', 'red', 'red');
    expect((await queue().dump())['tc']).toEqual({ red: 1 });
    await take('b', 'red');
    const dump = await queue().dump();
    expect([dump['tc'], dump['tg:red'], dump['x']]).toEqual([undefined, undefined, undefined]);
  });

  it('tags a job in whichever state, and forgets with the job [seed:Q15]', async () => {
    for (const id of await oneInEachState()) {
      expect([id, await give(id, 'red')]).toEqual([id, 'T']);
      await queue().cancel(id);
      expect([id, await queue().remove(id)]).toEqual([id, 'R']);
    }
    const dump = await queue().dump();
    expect([dump['tc'], dump['tg:red'], dump['x']]).toEqual([undefined, undefined, undefined]);
  });

  it('of a running job is known to its end, which forgets it where such jobs are not kept', async () => {
    await queue().configure('keep:completed', '0,');
    await queue().add('a', 'b');
    const worker = await queue().worker('E');
    const [a, b] = await worker.lease(2);
    await worker.start(a);
    await give('a', 'red');
    await give('b', 'red');
    await take('b', 'red');
    await give('b', 'blue');
    await worker.exchange({ ends: [a, b].map((job) => [job, '5']) });
    const dump = await queue().dump();
    expect([dump['tc'], dump['x'], dump['j'], dump['m']]).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('leaves a tagged job as it is but for that: it is retried, reclaimed and completes', async () => {
    await queue().add('a');
    await give('a', 'red');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'r1\t1\t\tno');
    queue().pass(1);
    await queue().housekeep();
    await worker.end(await worker.leaseOne(), 'c1\t\t\tok');
    expect([await queue().state('a'), (await queue().dump())['tc']]).toEqual(['completed', { red: 1 }]);
  });

  it('gives a job no more than 32 tags, and then none of the call', async () => {
    await queue().addRows([[`a\t\nt\t${Array.from({ length: 31 }, (_, n) => `t${n}`).join('\t')}`, body()]]);
    const { reply, changed } = await queue().change(() => give('a', 'one', 'two'));
    expect([reply, changed]).toEqual(['M', {}]);
    expect(await give('a', 'one', 't3')).toBe('T');
  });

  it('knows no job that is not there', async () => {
    const { reply, changed } = await queue().change(() => give('no', 'red'));
    expect([reply, changed]).toEqual(['N', {}]);
  });

  it('has one effect when it is sent again [core:A13]', async () => {
    await queue().add('a');
    const args = { laneId: 'admin', seq: 1, id: 'a', on: 1, tags: ['red'] };
    const first = await queue().run(tag, args);
    await take('a', 'red');
    const { reply, changed } = await queue().change(() => queue().run(tag, args), { withLanes: true });
    expect([reply, changed]).toEqual([first, {}]);
    expect(await queue().run(tag, { ...args, seq: 0.5 + 0.5 })).toEqual(first);
  });

  it('refuses to judge a queue that uses a feature it does not know [core:A22]', async () => {
    await queue().add('a');
    await queue().redis.hset(queue().key('q'), 'bits', 'Z');
    await expect(give('a', 'red')).rejects.toThrow(/^UPGRADE_REQUIRED/);
  });

  it('leaves other lines of the job alone', async () => {
    await queue().add('a');
    await give('a', 'red');
    await queue().redis.hset(queue().key('x'), 'a', 't\tred\n?\tlater');
    await give('a', 'blue');
    expect((await queue().dump())['x']).toEqual({ a: '?\tlater\nt\tred\tblue' });
    await take('a', 'red', 'blue');
    expect((await queue().dump())['x']).toEqual({ a: '?\tlater' });
  });
});

describeMalformed(
  queue,
  'tag',
  [
    ...malformedLanes('a', 1, 'red'),
    ['an empty id', ['lane', 1, '', 1, 'red'], /PROTOCOL The id/],
    ['no tag', ['lane', 1, 'a', 1], /PROTOCOL A call without a tag/],
    ['an empty tag', ['lane', 1, 'a', 1, ''], /PROTOCOL The tag/],
    ['a tag with a control character', ['lane', 1, 'a', 1, 'a\nb'], /PROTOCOL The tag/],
    ['neither 0 nor 1', ['lane', 1, 'a', 2, 'red'], /PROTOCOL on/],
  ],
  (prepared) => prepared.add('a'),
);
