import { describe, expect, it } from '@jest/globals';

import { fireBatches, type FireBatchesArgs } from '../../libs/core/src/redis/scripts.generated.js';
import { batching, gather, unitsOf } from './support/batching.js';
import { luaQueue } from './support/harness.js';

const queue = luaQueue();
const { gathered } = batching(queue);
const ALL = { name: 'greet', keyed: 0, key: '', cursor: '0' };

/** In a lane of its own. */
function fire(said: Partial<FireBatchesArgs> = {}): Promise<unknown> {
  return queue().run(fireBatches, { ...queue().lane(), ...ALL, ...said });
}

describe('fire-batches', () => {
  it('lets the batch of one key run, or all of a name, and none of another [seed:A13]', async () => {
    const worker = await queue().worker('E');
    await gathered(worker, ['a', 'b'], gather('k'));
    await gathered(worker, ['c'], gather('m'));
    expect(await fire({ name: 'gree' })).toMatchObject({ fired: 0, cursor: '0' });
    expect(await fire({ keyed: 1, key: 'none' })).toMatchObject({ fired: 0 });
    expect(await fire({ keyed: 1, key: 'k' })).toMatchObject({ fired: 1 });
    expect(unitsOf(await worker.exchange({ want: 5 }))).toEqual([['a', 'b']]);
    expect(await fire()).toMatchObject({ fired: 1, cursor: '0' });
    expect(unitsOf(await worker.exchange({ want: 5 }))).toEqual([['c']]);
  });

  it('changes nothing when it is sent again, and answers as the first time [core:A13]', async () => {
    const worker = await queue().worker('E');
    for (const said of [{ ...ALL }, { ...ALL, keyed: 1, key: 'k' }]) {
      await gathered(worker, [`x${said.keyed}`]);
      const lane = { ...queue().lane(), seq: 2 };
      const first = await queue().run(fireBatches, { ...lane, ...said });
      expect(first).toMatchObject({ fired: 1 });
      const { reply, changed } = await queue().change(() => queue().run(fireBatches, { ...lane, ...said }));
      expect([reply, changed]).toEqual([first, {}]);
      expect(await queue().run(fireBatches, { ...lane, ...said, seq: 1 })).toEqual({ code: 'OLD' });
    }
    expect(await fire()).toMatchObject({ fired: 0 });
  });
});
