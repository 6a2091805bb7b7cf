import { describe, expect, it } from '@jest/globals';

import { addChecked, dependencies, dependents } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { assertInvariants } from './support/invariants.js';
import { describeMalformed } from './support/malformed.js';
import { body } from './support/records.js';

const queue = luaQueue({ slot: 'shop' });

async function addDependent(id: string, parents: readonly string[]): Promise<void> {
  const rows = [`${id}\t\nd\t${['f', ...parents].join('\t')}`, body()];
  await queue().run(addChecked, { ...queue().lane(), atomic: 1, rows });
}

async function runOne(): Promise<void> {
  const worker = await queue().worker('W');
  await worker.end(await worker.leaseOne());
  await worker.close();
}

describe('dependents of a job', () => {
  it('are told, and what those depend on, with their states over the queues of the slot [seed:Q28]', async () => {
    const other = await queue().neighbour('other');
    await queue().add('a', 'b');
    await other.add('a');
    await addDependent('c', ['a', 'b', '{other}a']);
    await runOne();
    const worker = await other.worker('O');
    const job = await worker.leaseOne();
    expect(await queue().run(dependencies, { id: 'c', offset: 0, limit: 2 })).toEqual({
      code: 'OK',
      rows: ['a', 'completed', '0', 'b', 'waiting', '1'],
      total: 3,
    });
    const rest = { code: 'OK', rows: ['{other}a', 'active', '1'], total: 3 };
    expect(await queue().run(dependencies, { id: 'c', offset: 2, limit: 2 })).toEqual(rest);
    expect(await other.run(dependents, { id: 'a', cursor: '', limit: 10 })).toEqual({
      code: 'OK',
      rows: ['{own}c', 'blocked'],
      cursor: 'f0',
    });
    await worker.end(job, 'f1\t\t\tno');
    expect(await other.run(dependents, { id: 'a', cursor: 'f0', limit: 10 })).toEqual({
      code: 'OK',
      rows: ['{own}c', 'failed'],
      cursor: '',
    });
    expect(await queue().run(dependencies, { id: 'none', offset: 0, limit: 1 })).toEqual({ code: 'NOT_FOUND' });
    expect(await queue().run(dependents, { id: 'none', cursor: '', limit: 1 })).toEqual({ code: 'NOT_FOUND' });
    expect(await queue().run(dependencies, { id: 'b', offset: 0, limit: 1 })).toEqual({
      code: 'OK',
      rows: [],
      total: 0,
    });
    await queue().remove('a');
    expect(await queue().run(dependencies, { id: 'c', offset: 0, limit: 1 })).toMatchObject({ rows: ['a', '', '0'] });
    await assertInvariants(other);
  });

  describeMalformed(
    queue,
    'dependents',
    [
      ['no id', ['', '', 1], /PROTOCOL The id/],
      ['a large limit', ['a', '', 101], /PROTOCOL limit/],
      ['a strange cursor', ['a', 'x', 1], /INVALID_OPTION/],
    ],
    (own) => own.add('a'),
  );
});
