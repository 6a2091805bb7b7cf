import { describe, expect, it } from '@jest/globals';

import { declare } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { LuaQueue } from './support/lua-queue.js';
import { body } from './support/records.js';

const queue = luaQueue();

/** Every command that asks for the time, with arguments that it would take. */
const TIMED: readonly [string, readonly (string | number)[]][] = [
  ['add', ['lane', 1, 0, 'a', body()]],
  ['add-checked', ['lane', 1, 0, 'x\tck,m5', body()]],
  ['cancel', ['lane', 1, 'p', 0, 'a']],
  ['claim', ['greet']],
  ['close', ['E']],
  ['configure', ['lease', 5_000]],
  ['exchange', ['E', '0', 1, 1, 100, 0, 0]],
  ['housekeep', [100, 0]],
  ['note', ['E', 'a', '0.1', 'p', '', '5']],
  ['open', ['E', 1, 30_000, 'x']],
  ['prioritize', ['lane', 1, 'a', 5]],
  ['promote', ['lane', 1, 'a']],
  ['reconcile', ['E', 0]],
  ['remove', ['lane', 1, 'a']],
  ['renew', ['E', 30_000, 0, 0]],
  ['retry', ['lane', 1, 'a']],
  ['wait', ['a', 'mine', 1_000]],
];

describe('the time', () => {
  it.each(TIMED)(
    'of a caller is refused by %s where the queue lives by the clock of the server [core:A20]',
    async (name, argv) => {
      const real = new LuaQueue(queue().redis, `${queue().base}real`);
      await real.run(declare, { virtual: 0 });
      const before = await real.dump();
      await expect(real.raw(name, ...argv)).rejects.toThrow(
        /^QUEUE_MISMATCH This queue lives by the clock of the server/,
      );
      expect(await real.dump()).toEqual(before);
    },
  );

  it.each(['0', '1800000000', 'soon', '1800000000000.5', '18000000000000', '-1800000000000', 'nan', '0x1a3185c5000'])(
    'of a caller is refused where it is no time in ms: %s [core:A20]',
    async (now) => {
      await expect(queue().rawAt(now, 'add', 'lane', 1, 0, 'a', body())).rejects.toThrow(/^PROTOCOL The time/);
    },
  );

  it('is that of the server, in ms, where none is given [core:A20] [seed:R14]', async () => {
    const real = new LuaQueue(queue().redis, `${queue().base}real`);
    await real.run(declare, { virtual: 0 });
    const clock = async (): Promise<number> => {
      const [seconds = 0, micros = 0] = await queue().redis.time();
      return seconds * 1_000 + Math.floor(micros / 1_000);
    };
    const before = await clock();
    const at = Number(await real.rawAt('', 'add', 'lane', 1, 0, 'a', body()));
    const after = await clock();
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(after);
    expect((await real.dump())['j']).toEqual({ a: `1${at}${body()}` });
  });

  it('of the server serves a virtual queue as well, where the caller gives none', async () => {
    await queue().rawAt('', 'add', 'lane', 1, 0, 'a', body());
    expect(await queue().state('a')).toBe('waiting');
  });
});
