import { describe, expect, it } from '@jest/globals';

import { track } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';

const queue = luaQueue();

async function call(on: number, ...ids: readonly string[]): Promise<string> {
  const reply = await queue().run(track, { ...queue().lane(), on, ids });
  return reply.code === 'OK' ? reply.fates : reply.code;
}

describe('track', () => {
  it('puts jobs on the list, and takes them off it [seed:Q16]', async () => {
    await queue().add('a', 'b');
    const { reply, changed } = await queue().change(() => call(1, 'a', 'b', 'a', 'no'));
    expect([reply, changed]).toEqual(['TTTN', { tk: { a: START, b: START } }]);
    queue().pass(5);
    expect(await queue().change(() => call(1, 'a'))).toEqual({ reply: 'T', changed: {} });
    expect(await call(0, 'a', 'no', 'a')).toBe('UUU');
    expect((await queue().dump())['tk']).toEqual({ b: START });
  });

  it('keeps one whose job is gone, until it is taken off [seed:Q16]', async () => {
    await queue().add('a');
    await call(1, 'a');
    await queue().remove('a');
    expect((await queue().dump())['tk']).toEqual({ a: START });
    expect([await call(1, 'a'), await call(0, 'a')]).toEqual(['T', 'U']);
    expect((await queue().dump())['tk']).toBeUndefined();
  });

  it('tells of each job once [seed:Q16]', async () => {
    await queue().configure('listening', '60000');
    await queue().add('a');
    await call(1, 'a', 'a');
    await call(1, 'a');
    await call(0, 'a', 'a');
    expect((await queue().told()).slice(2)).toEqual(['v\ta\t', 'u\ta\t']);
  });

  it('holds a thousand jobs and no more', async () => {
    await queue().add(...Array.from({ length: 1_000 }, (_, n) => `a${n}`));
    await queue().add('late');
    await call(1, ...Array.from({ length: 999 }, (_, n) => `a${n}`));
    expect(await call(1, 'a1', 'late', 'a999', 'late')).toBe('TTMT');
    expect(await call(0, 'a1')).toBe('U');
    expect(await call(1, 'a999')).toBe('T');
  });

  it('has one effect when it is sent again [core:A13]', async () => {
    await queue().add('a');
    const args = { laneId: 'admin', seq: 1, on: 1, ids: ['a'] };
    const first = await queue().run(track, args);
    await call(0, 'a');
    const { reply, changed } = await queue().change(() => queue().run(track, args), { withLanes: true });
    expect([reply, changed]).toEqual([first, {}]);
  });
});

describeMalformed(
  queue,
  'track',
  [
    ...malformedLanes(1, 'a'),
    ['an empty id', ['lane', 1, 1, ''], /PROTOCOL The id/],
    ['neither 0 nor 1', ['lane', 1, 2, 'a'], /PROTOCOL on/],
    ['too many ids', ['lane', 1, 1, ...Array.from({ length: 1_001 }, (_, n) => `i${n}`)], /PROTOCOL More than/],
  ],
  (prepared) => prepared.add('a'),
);
