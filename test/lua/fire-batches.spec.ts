import { describe, expect, it } from '@jest/globals';

import { fireBatches } from '../../libs/core/src/redis/scripts.generated.js';
import { batching, gather, unitsOf } from './support/batching.js';
import { luaQueue } from './support/harness.js';

const queue = luaQueue();
const { gathered } = batching(queue);
const ALL = { name: 'greet', keyed: 0, key: '', cursor: '0' };

describe('fire-batches', () => {
  it('lets the batch of one key run, or all of a name, and none of another [seed:A13]', async () => {
    const worker = await queue().worker('E');
    await gathered(worker, ['a', 'b'], gather('k'));
    await gathered(worker, ['c'], gather('m'));
    expect(await queue().run(fireBatches, { ...ALL, name: 'gree' })).toMatchObject({ fired: 0, cursor: '0' });
    expect(await queue().run(fireBatches, { ...ALL, keyed: 1, key: 'none' })).toMatchObject({ fired: 0 });
    expect(await queue().run(fireBatches, { ...ALL, keyed: 1, key: 'k' })).toMatchObject({ fired: 1 });
    expect(unitsOf(await worker.exchange({ want: 5 }))).toEqual([['a', 'b']]);
    expect(await queue().run(fireBatches, ALL)).toMatchObject({ fired: 1, cursor: '0' });
    expect(unitsOf(await worker.exchange({ want: 5 }))).toEqual([['c']]);
  });

  it('changes nothing when it is sent again: what has fired is no open batch [core:A13]', async () => {
    const worker = await queue().worker('E');
    await gathered(worker, ['a', 'b']);
    expect(await queue().run(fireBatches, ALL)).toMatchObject({ fired: 1 });
    const { reply, changed } = await queue().change(() => queue().run(fireBatches, ALL));
    expect([reply, changed]).toEqual([{ code: 'OK', fired: 0, cursor: '0' }, {}]);
  });
});
