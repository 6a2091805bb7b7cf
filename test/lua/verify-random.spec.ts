import { describe, expect, it } from '@jest/globals';

import { asQueue } from './support/damage.js';
import { luaQueue } from './support/harness.js';
import { RandomCalls } from './support/random-calls.js';
import { Random } from './support/random.js';

const queue = luaQueue();
const STEPS = 200;
const SEEDS = Number(process.env['MILLRACE_RANDOM_SEEDS'] ?? 4);
const FIRST = Number(process.env['MILLRACE_RANDOM_FIRST'] ?? 1);

describe('verify of what calls drawn by chance have left', () => {
  it.each(Array.from({ length: SEEDS }, (_, i) => [FIRST + i]))(
    'finds nothing in any of their moments: seed %d',
    async (seed) => {
      const calls = new RandomCalls(queue(), new Random(seed));
      for (let step = 1; step <= STEPS; step++) {
        await calls.step();
        if (step % 4 !== 0) continue;
        const { queue: own, connection } = await asQueue(queue());
        const { findings, unchecked } = await own.verify();
        await own.close();
        await connection.close();
        expect({ step, calls: findings.length === 0 ? [] : calls.calls.slice(-30), findings, unchecked }).toEqual({
          step,
          calls: [],
          findings: [],
          unchecked: [],
        });
      }
    },
    60_000,
  );
});
