import { describe, expect, it } from '@jest/globals';

import { checkpoint } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { describeMalformed } from './support/malformed.js';
import { body, envelope } from './support/records.js';

const queue = luaQueue();

describe('checkpoint', () => {
  it('replaces the payload that later attempts get, and nothing else [seed:Q9, seed:R2]', async () => {
    const sketch = { fields: 'k5:', options: '{"maxAttempts":3}', onFailure: { id: 'f', body: body() } };
    await queue().add(['a', '', { ...sketch, payload: '"old"' }]);
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    const args = { epoch: 'E', id: 'a', token: job.token, data: '"newer and longer"' };
    const { reply, changed } = await queue().change(() => queue().run(checkpoint, args));
    expect(reply).toEqual({ code: 'OK' });
    expect(changed).toEqual({ j: { a: envelope(START, { ...sketch, payload: '"newer and longer"' }) } });
    await worker.end(job, 'r1\t0\t\tno');
    await queue().housekeep();
    expect((await worker.leaseOne()).envelope).toContain('"newer and longer"');
  });

  it('has one effect when it is sent again [core:A13]', async () => {
    await queue().add('a');
    const { token } = await (await queue().worker('E')).leaseOne();
    const replies = await queue().twice(checkpoint, { epoch: 'E', id: 'a', token, data: '1' });
    expect(replies).toEqual([{ code: 'OK' }, { code: 'OK' }]);
  });

  it.each([
    ['was taken away', async () => void (await queue().cancel('a'))],
    ['was given back with its worker', async () => void (await queue().raw('close', 'E'))],
    [
      'is held by another call',
      async () => {
        await queue().raw('expire', 'l', 1, 'a');
        await queue().raw('exchange', 'E', '1', 1, 1, 1, 0, 0);
      },
    ],
  ])('is refused for a run that %s [seed:Q9]', async (_, lose) => {
    await queue().add('a');
    const { token } = await (await queue().worker('E')).leaseOne();
    await lose();
    const { reply, changed } = await queue().change(() =>
      queue().run(checkpoint, { epoch: 'E', id: 'a', token, data: '1' }),
    );
    expect([reply, changed]).toEqual([{ code: 'LEASE_LOST' }, {}]);
  });
});

describeMalformed(queue, 'checkpoint', [
  ['an empty id', ['E', '', '0.1', '1'], /PROTOCOL The id/],
  ['half a token', ['E', 'a', '0.', '1'], /PROTOCOL A token/],
]);
