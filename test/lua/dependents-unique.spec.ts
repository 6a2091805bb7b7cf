import { describe, expect, it } from '@jest/globals';

import { luaQueue } from './support/harness.js';
import { body } from './support/records.js';

const queue = luaQueue();

function unique(id: string, parents = ''): readonly [string, string] {
  const lines = parents === '' ? '' : `\nd\tf\t${parents}`;
  return [`${id}\tcj,m60000\nu\t71\tu\t\tr${lines}`, body({ fields: 'u71' })];
}

describe('jobs with dependencies and a unique key', () => {
  it('stay failed where another one has the key when what had failed them is tried again, and run when it is free once more', async () => {
    await queue().add('p');
    await queue().addRows([unique('c', 'p')]);
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'f1\t\t\tno');
    await queue().addRows([unique('other')]);
    const other = await worker.leaseOne();
    await queue().retry('p');
    expect([await queue().state('c'), (await queue().dump())['dd:p']]).toEqual(['failed', ['c']]);
    await worker.end(await worker.leaseOne(), 'f1\t\t\tno');
    await worker.end(other);
    await queue().retry('p');
    expect(await queue().state('c')).toBe('blocked');
    await worker.end(await worker.leaseOne());
    expect(await queue().state('c')).toBe('waiting');
  });

  it('tell of those whom the end of a replaced job lets run', async () => {
    await queue().configure('listening', '60000');
    await queue().addRows([unique('b')]);
    await queue().addRows([['c\tcj,m0\nd\tr\tb', body()]]);
    await queue().addRows([unique('other')]);
    expect((await queue().told()).slice(-3)).toEqual(['x\tb\tgreet', 'w\tother\tgreet', 'w\tc\t']);
  });

  it('that replace one of their id, and one that this had waited for, do not fail through that one', async () => {
    await queue().addRows([unique('p')]);
    await queue().addRows([['c\tcj,m0\nd\tf\tp', body()]]);
    await queue().add('q');
    await queue().addRows([['c\tcr,m0\nu\t71\tu\t\tr\nd\tf\tq', body({ fields: 'u71' })]]);
    expect([await queue().state('p'), await queue().state('c')]).toEqual(['cancelled', 'blocked']);
    expect((await queue().dump())['dl:c']).toEqual(['q']);
  });
});

describe('housekeeping', () => {
  it('writes no event once nobody listens', async () => {
    await queue().addRows([['p\tcj,m60000', body({ fields: 'x10' })]]);
    await queue().addRows([['c\tcj,m0\nd\tr\tp', body()]]);
    const worker = await queue().worker('E');
    await queue().configure('listening', '100');
    queue().pass(20);
    await worker.lease(1);
    queue().pass(80);
    const before = await queue().told();
    await queue().housekeep();
    expect([await queue().state('c'), await queue().told()]).toEqual(['waiting', before]);
  });
});
