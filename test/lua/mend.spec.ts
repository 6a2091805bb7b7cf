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
    await queue().add(['producer0~a', 'd100'], ['producer0~b', 'd100']);
    await queue().redis.hdel(queue().key('j'), 'producer0~a');
    const rows = await found('d');
    const reply = await queue().run(mend, { ...queue().lane(), rows: [...rows, 'stray', 'd', 'producer0~b', ''] });
    expect(reply).toMatchObject({ fates: 'MC' });
    expect(await queue().ids('delayed')).toEqual(['producer0~b']);
  });

  it('answers the same when it is sent again, and does nothing twice [core:A13]', async () => {
    await queue().add(['producer0~a', 'd100']);
    await queue().redis.del(queue().key('d'));
    const rows = ['homeless', 'r', 'producer0~a', (await found('j'))[3]!];
    const [first, again] = await queue().twice(mend, { ...queue().lane(), rows });
    expect([first, again]).toEqual([{ code: 'OK', fates: 'M' }, first]);
    expect(await queue().ids('waiting')).toEqual(['producer0~a']);
  });

  it('puts a job that was lost at the back, where its attempts go on', async () => {
    const worker = await queue().worker('E');
    await queue().add('producer0~a');
    await worker.end(await worker.leaseOne(), 'r1\t500\t\tno');
    await queue().add('producer0~b');
    await queue().redis.del(queue().key('t'));
    const proof = (await found('j')).at((await found('j')).indexOf('producer0~a') + 1)!;
    await queue().run(mend, { ...queue().lane(), rows: ['homeless', 'r', 'producer0~a', proof] });
    expect(await queue().ids('waiting')).toEqual(['producer0~b', 'producer0~a']);
    const [, job] = await worker.lease(2);
    expect(job?.header).toMatch(/^11,0,/);
  });

  it('keeps an envelope that nobody can read, for a newer worker or a person', async () => {
    await queue().add('producer0~a', 'producer0~b');
    await queue().redis.hset(queue().key('j'), 'producer0~a', 'garbage');
    await queue().run(mend, { ...queue().lane(), rows: (await found('j')).slice(0, 4) });
    expect(await queue().redis.hget(queue().key('j'), 'producer0~a')).toBe('garbage');
    expect(await queue().redis.zrange(queue().key('u:\tformat'), 0, '-1')).toEqual(['producer0~a']);
    const worker = await queue().worker('E');
    expect((await worker.lease(5)).map(({ id }) => id)).toEqual(['producer0~b']);
    queue().isDamaged = true;
  });

  it('tells whose dependency is lost that it goes on, by housekeeping', async () => {
    await queue().add('producer0~a');
    await queue().addRows([['producer0~b\t\nd\tf\tproducer0~a', '\tgreet\t\t\n{}']]);
    await queue().redis.hdel(queue().key('j'), 'producer0~a');
    const rows = await found('dd:producer0~a');
    expect(rows.slice(0, 3)).toEqual(['missing', 'dd:producer0~a', '']);
    await queue().run(mend, { ...queue().lane(), rows });
    await queue().housekeep();
    expect(await queue().state('producer0~b')).toBe('failed');
    queue().isDamaged = true;
  });

  it('works when memory is full', async () => {
    await queue().add(['producer0~a', 'd100']);
    await queue().redis.hdel(queue().key('j'), 'producer0~a');
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
    ...malformedLanes('stray', 'd', 'producer0~a', ''),
    ['an incomplete row', ['l', '1', 'stray', 'd', 'producer0~a'], /PROTOCOL The last row/],
  ]);
});
