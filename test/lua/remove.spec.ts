import { describe, expect, it } from '@jest/globals';

import { remove } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';

const queue = luaQueue();

describe('remove', () => {
  it('forgets a waiting job; its list entry stays as a ghost [core:A18]', async () => {
    await queue().add('a', 'b');
    const { reply, changed } = await queue().change(() => queue().remove('a'));
    expect(reply).toBe('R');
    expect(changed).toEqual({ j: { b: expect.any(String) }, q: expect.objectContaining({ ghosts: '1' }) });
    expect((await (await queue().worker('E')).lease(5)).map(({ id }) => id)).toEqual(['b']);
  });

  it('forgets jobs of every state but active, with all that belongs to them [case:X7]', async () => {
    await queue().add('done', 'failed', 'retried', 'aside', 'active');
    const worker = await queue().worker('E');
    const [done, failed, retried, aside, active] = await worker.lease(5);
    await queue().raw('note', 'E', 'done', done?.token ?? '', 'p', '', '5');
    await queue().raw('note', 'E', 'retried', retried?.token ?? '', 'p', '', '5');
    await worker.exchange({
      ends: [
        [done, '1'],
        [failed, 'f1\t\t\tno'],
        [retried, 'r1\t100\t\tno'],
        [aside, 'n1\t0\tgreet\t'],
      ],
    });
    await queue().add(
      ['late', 'd100'],
      ['high', 'p1', { fields: 'p1' }],
      ['low', 'p-1', { fields: 'p-1' }],
      ['own', 'd5', { fields: 'k:5000' }],
    );
    await queue().cancel('own');
    const ids = ['done', 'failed', 'retried', 'aside', 'active', 'late', 'high', 'low', 'own', 'none', 'done'];
    expect(await queue().remove(...ids)).toBe('RRRRARRRRNN');
    const dump = await queue().dump();
    expect(Object.keys(dump).filter((key) => !/^(q|lz?|fc|sd|sm|mi|st:.*)$/.test(key))).toEqual([
      'L',
      'h:E',
      'j',
      'ws',
    ]);
    // What stays in the list is of nobody, and counted so.
    expect(dump).toMatchObject({ fc: ['done'], q: { gone: '1' } });
    expect(Object.keys(dump['j'] ?? {})).toEqual(['active']);
    expect((await worker.end(active)).refused).toBe('');
  });

  it('gives a given id free again', async () => {
    await queue().addChecked('x', 'cj,m5000');
    await queue().remove('x');
    expect((await queue().dump())['ids']).toBeUndefined();
    expect(await queue().addChecked('x', 'cj,m5000')).toBe('');
  });

  it('has one effect when it is sent again, and says the same [core:A13]', async () => {
    await queue().add('a');
    const args = { laneId: 'admin', seq: 2, ids: ['a'] };
    const first = await queue().run(remove, args);
    await queue().add('a2');
    const { reply, changed } = await queue().change(() => queue().run(remove, args), { withLanes: true });
    expect([reply, changed]).toEqual([first, {}]);
    expect(await queue().run(remove, { ...args, seq: 1, ids: ['a2'] })).toEqual({ code: 'OLD' });
    expect(await queue().state('a2')).toBe('waiting');
  });

  it('refuses to judge a queue that uses a feature it does not know [core:A22]', async () => {
    await queue().add('a');
    await queue().redis.hset(queue().key('q'), 'bits', 'Z');
    await expect(queue().remove('a')).rejects.toThrow(/^UPGRADE_REQUIRED/);
  });
});

describeMalformed(
  queue,
  'remove',
  [
    ...malformedLanes('a'),
    ['an empty id', ['lane', 1, 'a', ''], /PROTOCOL The id/],
    ['the name of an inner field', ['lane', 1, 'a', '\t0'], /PROTOCOL The id/],
    [
      'more than 1,000 ids',
      ['lane', 1, ...Array.from({ length: 1_001 }, (_, i) => `x${i}`)],
      /PROTOCOL More than 1000/,
    ],
  ],
  (prepared) => prepared.add('a'),
);
