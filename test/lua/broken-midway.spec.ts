import { describe, expect, it } from '@jest/globals';

import { TEST_PREFIX } from '../support/redis.js';
import { asQueue } from './support/damage.js';
import { luaQueue } from './support/harness.js';
import { faultsOf } from './support/invariants.js';
import { RandomCalls } from './support/random-calls.js';
import { Random } from './support/random.js';

const queue = luaQueue();
const SEEDS = Number(process.env['MILLRACE_RANDOM_SEEDS'] ?? 2);
const FIRST = Number(process.env['MILLRACE_RANDOM_FIRST'] ?? 1);
const ROUNDS = 40;
const CALLS = 6;
const KEPT = `${TEST_PREFIX}kept`;

describe('a command that breaks in its midst, because a key has another type', () => {
  it.each(Array.from({ length: SEEDS }, (_, i) => [FIRST + i]))(
    'has written nothing, or what verify finds and repair mends: seed %d [case:R21]',
    async (seed) => {
      const random = new Random(seed);
      const { redis, base } = queue();
      const calls = new RandomCalls(queue(), random);
      for (let step = 1; step <= 100; step++) await calls.step();
      let broken = 0;
      for (let round = 1; round <= ROUNDS; round++) {
        const keys = (await redis.keys(`${base}:*`)).filter((key) => key !== `${base}:q`).sort();
        const key = random.pick(keys);
        const type = await redis.type(key);
        await redis.rename(key, KEPT);
        await (type === 'list' ? redis.sadd(key, 'foreign') : redis.rpush(key, 'foreign'));
        for (let n = 0; n < CALLS; n++) {
          // What a call reads beforehand to know what to ask for may fail, too; that has no effect.
          await calls.step().catch((error: Error) => {
            if (error.message.includes('WRONGTYPE')) broken++;
          });
        }
        await redis.rename(KEPT, key);
        const { queue: own, connection } = await asQueue(queue());
        const found = await own.verify();
        const mended = found.isClean ? found : await own.repair();
        await own.close();
        await connection.close();
        const told = { seed, round, key, calls: calls.calls.slice(-CALLS) };
        expect({ ...told, isClean: mended.isClean, faults: await faultsOf(queue()) }).toEqual({
          ...told,
          isClean: true,
          faults: [],
        });
      }
      expect(broken).toBeGreaterThan(5);
    },
    120_000,
  );
});
