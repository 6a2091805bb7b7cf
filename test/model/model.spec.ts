import { afterAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';

import { redisUrl } from '../support/redis.js';
import { Coverage } from './run/coverage.js';
import { search } from './run/property.js';

const SEED = Number(process.env['MILLRACE_MODEL_SEED'] ?? 5);
const LIMIT_MS = 30_000;
const LENGTH = 120;

const redis = new Redis(redisUrl());
afterAll(async () => {
  await redis.flushall();
  await redis.quit();
});

describe('random commands on the core and on a model of it', () => {
  it(
    'are answered as the model says, and leave the keys that it predicts [core:A13, case:I1, case:I2, case:I3, case:I4, case:I5, case:I6, case:I7, case:I8, case:I9, case:I10, case:I11, case:I12, case:I17, case:X9, case:X11]',
    async () => {
      const coverage = new Coverage();
      const verdict = await search(redis, new Map(), coverage, {
        runs: 2_000,
        seed: SEED,
        length: LENGTH,
        limitMs: LIMIT_MS,
      });
      const again = `npm run model -- --seed ${SEED} --length ${LENGTH} --path "${verdict.path}" --replay "${verdict.replay}"`;
      if (verdict.hasFailed)
        throw new Error([verdict.message, verdict.sequence, ...verdict.log.slice(-40), again].join('\n'));
      console.log(`seed ${SEED}: ${verdict.runs} runs, ${coverage.summary()}`);
      // However slow the machine is, it was not nothing.
      expect(coverage.calls).toBeGreaterThan(0);
    },
    4 * LIMIT_MS,
  );
});
