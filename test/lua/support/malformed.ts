import { describe, expect, it } from '@jest/globals';

import type { TestQueue } from './harness.js';

/** What is wrong with a call; its ARGV behind the time; what the error says. */
export type Malformed = readonly [what: string, argv: readonly (string | number)[], error: RegExp];

/** Each of these calls is refused with an error, and no key changes. `prepare` runs before each. */
export function describeMalformed(
  queue: () => TestQueue,
  command: string,
  cases: readonly Malformed[],
  prepare: (queue: TestQueue) => Promise<unknown> = async () => undefined,
): void {
  describe('a malformed call is refused and changes nothing:', () => {
    it.each(cases)('%s', async (_, argv, error) => {
      await prepare(queue());
      const before = await queue().dump();
      await expect(queue().raw(command, ...argv)).rejects.toThrow(error);
      expect(await queue().dump()).toEqual(before);
    });
  });
}

/** The ways in which the first two arguments of a command with a lane can be wrong. */
export function malformedLanes(...rest: readonly (string | number)[]): Malformed[] {
  return [
    ['an empty lane', ['', 1, ...rest], /PROTOCOL The lane is empty/],
    ['a lane with a control character', ['a\tb', 1, ...rest], /PROTOCOL The lane/],
    ['a seq that is no number', ['lane', 'x', ...rest], /PROTOCOL seq is not a whole number/],
    ['a seq of 0', ['lane', 0, ...rest], /PROTOCOL seq/],
    ['a seq with a fraction', ['lane', 1.5, ...rest], /PROTOCOL seq/],
    ['a seq that is no finite number', ['lane', 'inf', ...rest], /PROTOCOL seq/],
    ['a seq that is not a number', ['lane', 'nan', ...rest], /PROTOCOL seq/],
  ];
}
