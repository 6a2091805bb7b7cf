import fc from 'fast-check';

import { housekeep } from '../../../libs/core/src/redis/scripts.generated.js';
import type { Core } from '../core/core.js';
import { judgeHousekeeping } from '../world/housekeeping.js';
import { timesAfter } from '../world/times.js';
import type { World } from '../world/world.js';
import { perform } from './perform.js';
import { someQueue, Step, steps } from './step.js';

/** Time passes, now and then a long one; or the clock is set back a little. */
export const passing: fc.Arbitrary<Step> = fc
  .constantFrom(0, 1, 5, 20, 60, 100, 101, 150, 300, 301, 1_000, 90_000_000, -20)
  .map((ms) => new Step(`pass ${ms} ms`, async (world) => void (world.now += ms)));

/** Time passes until something falls due or is over: to the millisecond, one before it, or one behind it. */
export const passingUntil: fc.Arbitrary<Step> = fc
  .record({ which: fc.nat({ max: 3 }), offsetMs: fc.constantFrom(0, 0, 0, 1, -1) })
  .map(
    ({ which, offsetMs }) =>
      new Step(`pass until the time ${which}, and ${offsetMs} ms`, async (world) => {
        const times = timesAfter(world.now, world.queues);
        const at = times[which % Math.max(1, times.length)];
        if (at !== undefined) world.now = Math.max(world.now, at + offsetMs);
      }),
  );

export const housekeeping = steps(
  'housekeep',
  { queue: someQueue, budget: fc.constantFrom(1, 2, 3, 5, 1_000, 1_000, 1_000) },
  ({ queue, budget }, world, core) => housekeepOnce(world, core, queue, budget),
);

export async function housekeepOnce(world: World, core: Core, queue: number, budget: number): Promise<void> {
  await perform(world, core, { queue, script: housekeep, args: { budget, within: 0 } }, (reply, after) =>
    judgeHousekeeping(world, world.queue(queue), budget, reply, after.keys(core.queues[queue]!.base)),
  );
}
