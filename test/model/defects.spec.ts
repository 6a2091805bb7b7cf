import { afterAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';

import { redisUrl } from '../support/redis.js';
import { DEFECTS } from './defects/defects.js';
import { hunt } from './defects/hunt.js';
import { patched, withDefect } from './defects/patched.js';

/** A defect is found in a few seconds; a busy machine takes longer. */
const LIMIT_MS = 60_000;

const redis = new Redis(redisUrl());
afterAll(async () => {
  await redis.flushall();
  await redis.quit();
});

describe('seeded defects', () => {
  it('fit the sources of today, and have names of their own', () => {
    expect(DEFECTS.length).toBeGreaterThanOrEqual(25);
    expect(new Set(DEFECTS.map(({ name }) => name)).size).toBe(DEFECTS.length);
    for (const defect of DEFECTS) expect(() => patched(defect)).not.toThrow();
  });

  it('that fit nothing are an error', () => {
    const misfit = { name: 'of a line that is gone', file: 'lib/due.lua', find: 'no such line', put: '' };
    expect(() => withDefect(misfit)).toThrow('The defect "of a line that is gone" fits 0 places of lua/lib/due.lua');
  });

  it.each(['a paused queue is served', 'higher priorities come later', 'a call that is sent again is done twice'])(
    'are found by the model: %s',
    async (name) => {
      const defect = DEFECTS.find((each) => each.name === name);
      const hunted = await hunt(redis, defect!, { seed: 1, length: 120, limitMs: LIMIT_MS });
      expect(hunted).toMatchObject({ name, isKilled: true });
    },
    2 * LIMIT_MS,
  );
});
