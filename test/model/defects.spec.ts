import { afterAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';

import { redisUrl } from '../support/redis.js';
import { DEFECTS } from './defects/defects.js';
import { hunt } from './defects/hunt.js';
import { withDefect } from './defects/patched.js';

const redis = new Redis(redisUrl());
afterAll(async () => {
  await redis.flushall();
  await redis.quit();
});

describe('seeded defects', () => {
  it('fit the sources of today', () => {
    for (const defect of DEFECTS) expect(withDefect(defect).size).toBeGreaterThan(0);
  });

  it('that fit nothing are an error', () => {
    const misfit = { name: 'of a line that is gone', file: 'lib/due.lua', find: 'no such line', put: '' };
    expect(() => withDefect(misfit)).toThrow('The defect "of a line that is gone" fits 0 places of lua/lib/due.lua');
  });

  it('are found by the model', async () => {
    const [defect] = DEFECTS;
    expect(await hunt(redis, defect!, { seed: 1, length: 120, limitMs: 20_000 })).toMatchObject({ isKilled: true });
  });
});
