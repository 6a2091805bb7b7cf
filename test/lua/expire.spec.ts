import { describe, expect, it } from '@jest/globals';

import { expire } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';

const queue = luaQueue();

async function call(...ids: readonly string[]): Promise<string> {
  const reply = await queue().run(expire, { ...queue().lane(), ids });
  return reply.code === 'OK' ? reply.fates : reply.code;
}

describe('expire', () => {
  it('takes a running job from its worker: it waits at the front, uncharged [seed:Q11, seed:O13]', async () => {
    await queue().add('a', 'b');
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    await worker.start(job);
    expect(await call('a', 'a', 'b', 'no')).toBe('ELLN');
    expect(await queue().ids('waiting')).toEqual(['a', 'b']);
    expect((await queue().dump())['m']).toBeUndefined();
    const reply = await worker.end(job);
    expect(reply).toMatchObject({ refused: '1', taken: `1\ta\t${job.token}\texpired\n` });
    const again = await worker.leaseOne();
    expect(again.id).toBe('a');
    expect((await worker.end(again)).refused).toBe('');
  });

  it('leaves what the job suffered as it was, and its priority', async () => {
    await queue().add(['a', 'p5', { fields: 'p5' }], ['b', 'p5', { fields: 'p5' }]);
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'r1\t0\t\tno');
    await queue().housekeep();
    const [b, a] = await worker.lease(2);
    expect([b?.id, a?.id]).toEqual(['b', 'a']);
    expect(await call('a')).toBe('E');
    expect((await worker.leaseOne()).header).toMatch(/^11,0,0,/);
  });

  it('tells its worker at once, and of the job that it waits', async () => {
    await queue().configure('listening', '60000');
    await queue().add('a');
    await (await queue().worker('E')).leaseOne();
    await call('a');
    expect((await queue().told()).at(-1)).toBe('w\ta\t');
  });

  it('has one effect when it is sent again [core:A13]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.leaseOne();
    const args = { laneId: 'admin', seq: 1, ids: ['a'] };
    const first = await queue().run(expire, args);
    await worker.leaseOne();
    const { reply, changed } = await queue().change(() => queue().run(expire, args), { withLanes: true });
    expect([reply, changed]).toEqual([first, {}]);
    expect(await queue().state('a')).toBe('active');
  });

  it('works when memory is full [core:A17]', async () => {
    await queue().add('a');
    await (await queue().worker('E')).leaseOne();
    expect(await queue().withFullMemory(() => call('a'))).toBe('E');
  });

  it('refuses to judge a queue that uses a feature it does not know [core:A22]', async () => {
    await queue().redis.hset(queue().key('q'), 'bits', 'Z');
    await expect(call('a')).rejects.toThrow(/^UPGRADE_REQUIRED/);
  });
});

describeMalformed(
  queue,
  'expire',
  [...malformedLanes('a'), ['an empty id', ['lane', 1, ''], /PROTOCOL The id/]],
  (prepared) => prepared.add('a'),
);
