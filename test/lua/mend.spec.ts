import { describe, expect, it } from '@jest/globals';

import { mend, verify } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';

const queue = luaQueue();

/** Kind, key, member and proof of what is wrong with these keys. */
async function found(...keys: readonly string[]): Promise<string[]> {
  const reply = await queue().run(verify, { count: 100, rows: keys.flatMap((key) => [key, '']) });
  const rows: string[] = [];
  for (let i = 0; i < reply.found.length; i += 6) rows.push(...reply.found.slice(i, i + 3), reply.found[i + 5]!);
  return rows;
}

describe('mend', () => {
  it('mends what is found again, and leaves what is well: M, C [case:R16]', async () => {
    await queue().add(['a', 'd100'], ['b', 'd100']);
    await queue().redis.hdel(queue().key('j'), 'a');
    const rows = await found('d');
    const reply = await queue().run(mend, { ...queue().lane(), rows: [...rows, 'stray', 'd', 'b', ''] });
    expect(reply).toMatchObject({ fates: 'MC' });
    expect(await queue().ids('delayed')).toEqual(['b']);
  });

  it('answers the same when it is sent again, and does nothing twice [core:A13]', async () => {
    await queue().add(['a', 'd100']);
    await queue().redis.del(queue().key('d'));
    const rows = ['homeless', 'r', 'a', (await found('j'))[3]!];
    const [first, again] = await queue().twice(mend, { ...queue().lane(), rows });
    expect([first, again]).toEqual([{ code: 'OK', fates: 'M' }, first]);
    expect(await queue().ids('waiting')).toEqual(['a']);
  });

  it('puts a job that was lost at the back, where its attempts go on', async () => {
    const worker = await queue().worker('E');
    await queue().add('a');
    await worker.end(await worker.leaseOne(), 'r1\t500\t\tno');
    await queue().add('b');
    await queue().redis.del(queue().key('t'));
    const proof = (await found('j')).at((await found('j')).indexOf('a') + 1)!;
    await queue().run(mend, { ...queue().lane(), rows: ['homeless', 'r', 'a', proof] });
    expect(await queue().ids('waiting')).toEqual(['b', 'a']);
    const [, job] = await worker.lease(2);
    expect(job?.header).toMatch(/^11,0,/);
  });

  it('keeps an envelope that nobody can read, for a newer worker or a person', async () => {
    await queue().add('a', 'b');
    await queue().redis.hset(queue().key('j'), 'a', 'garbage');
    await queue().run(mend, { ...queue().lane(), rows: (await found('j')).slice(0, 4) });
    expect(await queue().redis.hget(queue().key('j'), 'a')).toBe('garbage');
    expect(await queue().redis.zrange(queue().key('u:\tformat'), 0, '-1')).toEqual(['a']);
    const worker = await queue().worker('E');
    expect((await worker.lease(5)).map(({ id }) => id)).toEqual(['b']);
    queue().isDamaged = true;
  });

  it('tells whose dependency is lost that it goes on, by housekeeping', async () => {
    await queue().add('a');
    await queue().addRows([['b\t\nd\tf\ta', '\tgreet\t\t\n{}']]);
    await queue().redis.hdel(queue().key('j'), 'a');
    const rows = await found('dd:a');
    expect(rows.slice(0, 3)).toEqual(['missing', 'dd:a', '']);
    await queue().run(mend, { ...queue().lane(), rows });
    await queue().housekeep();
    expect(await queue().state('b')).toBe('failed');
    queue().isDamaged = true;
  });

  it('works when memory is full', async () => {
    await queue().add(['a', 'd100']);
    await queue().redis.hdel(queue().key('j'), 'a');
    const rows = await found('d');
    await queue().withFullMemory(() => queue().run(mend, { ...queue().lane(), rows }));
    expect(await queue().ids('delayed')).toEqual([]);
  });

  it('leaves what it was not told how to mend', async () => {
    await queue().redis.set(queue().key('own:notes'), 'foreign');
    const rows = ['unknown-key', 'own:notes', '', ''];
    expect(await queue().run(mend, { ...queue().lane(), rows })).toMatchObject({ fates: 'L' });
    queue().isDamaged = true;
  });

  describeMalformed(queue, 'mend', [
    ...malformedLanes('stray', 'd', 'a', ''),
    ['an incomplete row', ['l', '1', 'stray', 'd', 'a'], /PROTOCOL The last row/],
  ]);
});
