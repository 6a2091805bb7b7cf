import { describe, expect, it } from '@jest/globals';

import { luaQueue } from './support/harness.js';
import { assertInvariants } from './support/invariants.js';
import { RandomCalls } from './support/random-calls.js';
import { Random } from './support/random.js';

const queue = luaQueue();
const STEPS = 250;
const SEEDS = Number(process.env['MILLRACE_RANDOM_SEEDS'] ?? 12);
const FIRST = Number(process.env['MILLRACE_RANDOM_FIRST'] ?? 1);

describe('calls drawn by chance, many of them sent again', () => {
  it.each(Array.from({ length: SEEDS }, (_, i) => [FIRST + i]))(
    'leave every job in exactly one place, and lose none: seed %d [core:A13, core:A18, case:I1, case:I2, case:I7]',
    async (seed) => {
      const calls = new RandomCalls(queue(), new Random(seed));
      try {
        for (let step = 1; step <= STEPS; step++) {
          await calls.step();
          if (step % 5 === 0) await assertInvariants(queue());
        }
        await calls.drain();
        await assertInvariants(queue());
        const { waiting, active, delayed, retrying } = await queue().counts();
        expect({ waiting, active, delayed, retrying }).toEqual({ waiting: 0, active: 0, delayed: 0, retrying: 0 });
        for (const id of calls.kept) expect([id, await queue().state(id)]).toEqual([id, expect.stringMatching(/./)]);
        const all = (await queue().dump())['st:all'] as Record<string, string> | undefined;
        for (const letter of ['t', 'b', 'r']) {
          expect([letter, Number(all?.[`\t${letter}`] ?? 0)]).toEqual([letter, calls.ended.get(letter) ?? 0]);
        }
        for (const [id, allowed] of calls.allowed) {
          const completions = calls.completions.get(id) ?? 0;
          if (completions > allowed) throw new Error(`${id} completed ${completions} times`);
        }
      } catch (error) {
        (error as Error).message += `\nafter seed ${seed}:\n  ${calls.calls.slice(-200).join('\n  ')}`;
        throw error;
      }
    },
    60_000,
  );
});
