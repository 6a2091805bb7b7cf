import fc from 'fast-check';

import { limitResources, resources } from '../../../libs/core/src/redis/scripts.generated.js';
import type { Core } from '../core/core.js';
import { call, lineOf, usedOf, type Use } from '../world/resources.js';
import type { World } from '../world/world.js';
import { expectReply, perform } from './perform.js';
import { someQueue, steps } from './step.js';

const NAMES = ['cpu', 'gpu'];

/** What jobs use of so few resources that they meet. */
export const someUses: fc.Arbitrary<readonly Use[]> = fc.constantFrom<readonly Use[]>(
  [],
  [],
  [{ name: 'gpu', amount: 1 }],
  [{ name: 'gpu', amount: 1 }],
  [{ name: 'gpu', amount: 1 }],
  [{ name: 'gpu', amount: 2 }],
  [
    { name: 'gpu', amount: 1 },
    { name: 'cpu', amount: 2 },
  ],
  [
    { name: 'cpu', amount: 1 },
    { name: 'gpu', amount: 1 },
  ],
);

export const limitingResources = steps(
  'limit-resources',
  {
    queue: someQueue,
    rows: fc.array(
      fc.tuple(fc.constantFrom('', 'cpu', 'gpu', 'gpu', 'gpu'), fc.constantFrom('', '0', '1', '1', '1', '2')),
      {
        minLength: 1,
        maxLength: 2,
      },
    ),
  },
  async ({ queue: index, rows }, world, core) => {
    await perform(world, core, { queue: index, script: limitResources, args: { rows: rows.flat() } }, (reply) => {
      const queue = world.queue(index);
      const { limits } = world.resources;
      const changed = rows.flatMap(([name, limit]) => {
        const before = limits.get(name);
        if (limit === (before === undefined ? '' : String(before))) return [];
        if (limit === '') limits.delete(name);
        else limits.set(name, Number(limit));
        queue.tell('i', '');
        return [name];
      });
      call(world, queue, [...new Set(changed)]);
      expectReply(reply, { code: 'OK' });
    });
    await lookAtResources(world, core, index);
  },
);

async function lookAtResources(world: World, core: Core, queue: number): Promise<void> {
  await perform(world, core, { queue, script: resources, args: { after: '', limit: 1_000 } }, (reply) => {
    const { limits } = world.resources;
    const rows = NAMES.map((name) => {
      const [limit, used, waiting] = [limits.get(name), usedOf(world, name), lineOf(world, name).length];
      return limit === undefined && used + waiting === 0 ? [] : [name, limit ?? '', used, waiting].map(String);
    });
    const otherwise = limits.get('');
    expectReply(reply, {
      code: 'OK',
      default: otherwise === undefined ? '' : String(otherwise),
      rows: rows.flat(),
      more: 0,
    });
  });
}
