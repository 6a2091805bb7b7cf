import { describe, expect, it } from '@jest/globals';

import { add, addChecked } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { zip } from './support/lua-worker.js';
import { body } from './support/records.js';

const queue = luaQueue();

describe('when the memory of the server is full', () => {
  it.each([
    ['add', ['lane', 1, 0, 'b', body()]],
    ['add', ['lane', 1, 0, 'b\tp5', body({ fields: 'p5' })]],
    ['add', ['lane', 1, 0, 'b\td500', body()]],
    ['add-checked', ['lane', 1, 0, 'x\tck,m5', body()]],
    ['add-checked', ['lane', 1, 0, 'taken\tcr,m5,x', body(), 'new', body()]],
    ['configure', ['lease', 5_000]],
    ['configure', ['listening', 5_000]],
    ['note', ['E', 'taken', '0.1', 'p', '', '5']],
    ['tag', ['lane', 1, 'a', 1, 'red']],
    ['track', ['lane', 1, 1, 'a']],
    ['wait', ['a', 'mine', 1_000]],
  ])('%s %j is refused as a whole, with nothing written [core:A17, core:B6]', async (name, argv) => {
    await queue().addChecked('taken', 'ck,m9');
    await queue().add('a');
    await (await queue().worker('E')).lease(1);
    const before = await queue().dump();
    await expect(queue().withFullMemory(() => queue().raw(name, ...argv))).rejects.toThrow(/^OOM/);
    expect(await queue().dump()).toEqual(before);
  });

  it('workers drain the queue: they open, lease, hand in every kind of end, renew and close [core:A17]', async () => {
    await queue().add('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', ['due', 'd10'], ['p', 'p5', { fields: 'p5' }]);
    queue().pass(10);
    await queue().withFullMemory(async () => {
      const worker = await queue().worker('E');
      await queue().housekeep();
      const jobs = await worker.lease(20);
      expect(jobs).toHaveLength(11);
      await worker.start(jobs[0], jobs[1]);
      const codes = [
        '5',
        'c5\t\t\t42',
        'r1\t5\t\tno',
        'u1\t5\t\tno',
        'z1\t5\t\t',
        'f1\t\t\tno',
        't1\t\t\t',
        'b1\t\t\t',
        'x1\t\t\t',
        'n1\t0\tgreet\t',
      ];
      const reply = await worker.exchange({ ends: zip(jobs.slice(0, 10), codes) });
      expect(reply.refused).toBe('');
      expect((await worker.renew()).code).toBe('OK');
      await queue().raw('claim', 'greet');
      await queue().raw('reconcile', 'E', 2, '0', '1');
      await worker.close();
    });
    expect(await queue().counts()).toMatchObject({
      waiting: 2,
      active: 0,
      retrying: 2,
      delayed: 1,
      finished: ['2', '1', '1', '1', '1'],
    });
  });

  it('jobs are cancelled, removed, retried, promoted and prioritised, and a queue paused [core:A17]', async () => {
    await queue().add('a', 'b', ['c', 'd100'], 'd', 'e');
    await (await queue().worker('E')).lease(1);
    await queue().withFullMemory(async () => {
      expect(await queue().cancel('a', 'b')).toBe('AC');
      expect(await queue().remove('e')).toBe('R');
      expect(await queue().retry('b')).toBe('R');
      expect(await queue().promote('c')).toBe('P');
      expect(await queue().prioritize('d', 5)).toBe('P');
      await queue().raw('pause', 1);
    });
    expect(await queue().ids('waiting')).toEqual(['d', 'b', 'c']);
  });

  it('an add sent again tells the truth: that it was done, or that it was not [core:A17]', async () => {
    const done = { laneId: 'lane', seq: 1, own: 0, rows: ['a', body()] };
    const first = await queue().run(add, done);
    expect(await queue().withFullMemory(() => queue().run(add, done))).toEqual(first);
    const given = { laneId: 'given', seq: 1, atomic: 1, rows: ['x\tck,m5', body()] };
    const second = await queue().run(addChecked, given);
    expect(await queue().withFullMemory(() => queue().run(addChecked, given))).toEqual(second);
    const refused = { laneId: 'lane', seq: 2, own: 0, rows: ['b', body()] };
    await expect(queue().withFullMemory(() => queue().run(add, refused))).rejects.toThrow(/^OOM/);
    expect(await queue().run(add, refused)).toMatchObject({ code: 'OK' });
    expect(await queue().ids('waiting')).toEqual(['a', 'x', 'b']);
  });
});
