import { describe, expect, it } from '@jest/globals';

import { notes } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';

const queue = luaQueue();

describe('notes', () => {
  it('gives all that a job noted: progress, steps, lines of its log', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    const { token } = await worker.leaseOne();
    await queue().raw('note', 'E', 'a', token, 'p', '', '50');
    await queue().raw('note', 'E', 'a', token, 't', 'charge', '"paid"');
    await queue().raw('note', 'E', 'a', token, 'l', '1', 'line');
    const { reply, changed } = await queue().change(() => queue().run(notes, { id: 'a' }));
    expect(reply).toEqual({ code: 'OK', fields: ['p', '50', 'tcharge', '"paid"', 'l1', 'line'] });
    expect(changed).toEqual({});
  });

  it('gives nothing for a job that noted nothing, and for none', async () => {
    await queue().add('a');
    expect(await queue().run(notes, { id: 'a' })).toEqual({ code: 'OK', fields: [] });
    expect(await queue().run(notes, { id: 'none' })).toEqual({ code: 'OK', fields: [] });
  });
});
