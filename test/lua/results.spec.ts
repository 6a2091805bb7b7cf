import { describe, expect, it } from '@jest/globals';

import { addChecked, results } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue, type TestQueue } from './support/harness.js';
import { assertInvariants } from './support/invariants.js';
import { describeMalformed } from './support/malformed.js';
import { body } from './support/records.js';

const queue = luaQueue({ slot: 'shop' });

async function addDependent(id: string, parents: readonly string[], policy = 'f'): Promise<void> {
  const rows = [`${id}\t\nd\t${[policy, ...parents].join('\t')}`, body()];
  await queue().run(addChecked, { ...queue().lane(), atomic: 1, rows });
}

/** Leases one job and ends it. */
async function runOne(code = '5', from: TestQueue = queue()): Promise<void> {
  const worker = await from.worker(`E${Math.random()}`);
  await worker.end(await worker.leaseOne(), code);
}

const read = (id = 'c', offset = 0): Promise<{ rows: readonly string[]; next: number }> =>
  queue().run(results, { id, offset });

describe('results', () => {
  it('gives what each dependency has left, byte for byte, in their order [core:B14]', async () => {
    const other = await queue().neighbour('other');
    await queue().add('a', 'b');
    await other.add('a');
    await addDependent('c', ['b', '{other}a', 'a', 'none'], 'rd');
    await runOne('c1\t\t\t[{},[],12345678901234567890]');
    await runOne('f1\t\t\tno');
    await runOne('c1\t\t\t', other);
    const before = await read();
    expect(before).toMatchObject({
      rows: ['b', 'f', '', '{other}a', 'c', '', 'a', 'c', '[{},[],12345678901234567890]', 'none', 'R', ''],
      next: 0,
    });
    for (const id of ['a', 'b']) await queue().remove(id);
    await other.remove('a');
    expect(await read()).toEqual(before);
    await assertInvariants(other);
  });

  it('reads a large result where it is, and says when it is gone with its job [core:B14]', async () => {
    const large = `"${'x'.repeat(65_536)}"`;
    await queue().add('a');
    await addDependent('c', ['a']);
    await runOne(`c1\t\t\t${large}`);
    expect((await queue().dump())['dr:c']).toEqual({ a: '>' });
    expect((await read()).rows).toEqual(['a', 'c', large]);
    await queue().remove('a');
    expect((await read()).rows).toEqual(['a', '>', '']);
  });

  it('says of one that goes on that it does, and of no job nothing', async () => {
    await queue().add('a');
    await addDependent('c', ['a']);
    expect((await read()).rows).toEqual(['a', '', '']);
    expect(await read('a')).toMatchObject({ rows: [], next: 0 });
    expect(await read('none')).toMatchObject({ rows: [], next: 0 });
  });

  it('comes in pages of about 1 MiB', async () => {
    const ids = Array.from({ length: 60 }, (_, i) => `p${i}`);
    await queue().add(...ids);
    await addDependent('c', ids);
    const worker = await queue().worker('E');
    for (const job of await worker.lease(60)) await worker.end(job, `c1\t\t\t"${'x'.repeat(60_000)}"`);
    const first = await read();
    expect(first.next).toBe(18);
    const rest = [...first.rows];
    for (let { next } = first; next > 0;) {
      const page = await read('c', next);
      rest.push(...page.rows);
      next = page.next;
    }
    expect(rest.filter((_, i) => i % 3 === 0)).toEqual(ids);
  });

  describeMalformed(queue, 'results', [
    ['no id', ['', 0], /PROTOCOL The id/],
    ['an offset below 0', ['c', -1], /PROTOCOL offset/],
  ]);
});
