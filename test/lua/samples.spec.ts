import { describe, expect, it } from '@jest/globals';

import { samples } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';

const queue = luaQueue();

describe('samples', () => {
  it('gives epochs, and of a sample of the headers the jobs that noted something', async () => {
    expect(await queue().run(samples, {})).toEqual({ code: 'OK', epochs: [], noted: [], jobs: 0, sampled: 0 });
    await queue().add('a', ['b', 'd100,p5', { fields: 'p5' }]);
    const { token } = await (await queue().worker('E')).leaseOne();
    await queue().raw('note', 'E', 'a', token, 'p', '', '1');
    expect(await queue().run(samples, {})).toEqual({ code: 'OK', epochs: ['E'], noted: ['a'], jobs: 2, sampled: 2 });
  });
});
