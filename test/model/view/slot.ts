import type { Keyspace } from '../../lua/support/keyspace.js';
import { lineOf, usedOf } from '../world/resources.js';
import type { World } from '../world/world.js';
import { compact } from './view.js';

/** What all queues of the slot know of what jobs use. */
interface SlotView {
  readonly limits?: Readonly<Record<string, string>>;
  readonly used?: Readonly<Record<string, string>>;
  /** Who waits for each resource, in order. */
  readonly lines?: Readonly<Record<string, readonly string[]>>;
  readonly names?: readonly string[];
  readonly others?: readonly string[];
}

export function slotOfKeys(keys: Keyspace): SlotView {
  const names = keys.namesUnder('rw');
  return compact({
    limits: keys.hash('rm'),
    used: keys.hash('ru'),
    lines: Object.fromEntries(names.map((name) => [name, Object.keys(keys.sorted(`rw:${name}`))])),
    names: [...keys.members('rn')].sort(),
    others: keys
      .entries()
      .map(([key]) => key)
      .filter((key) => !/^(rm|ru|rn|rw:.*)$/.test(key)),
  });
}

export function slotOfModel(world: World): SlotView {
  const { limits, turns } = world.resources;
  const all = [...world.jobs()];
  const names = [...new Set(all.flatMap(({ uses }) => uses.map(({ name }) => name)))];
  const used = names.map((name) => [name, usedOf(world, name)] as const).filter(([, amount]) => amount > 0);
  const lines = names.map((name) => [name, lineOf(world, name)] as const).filter(([, line]) => line.length > 0);
  return compact({
    limits: {
      ...Object.fromEntries([...limits].map(([name, limit]) => [name === '' ? '\tdefault' : name, String(limit)])),
      ...(turns === 0 ? {} : { '\tturn': String(turns) }),
    },
    used: Object.fromEntries(used.map(([name, amount]) => [name, String(amount)])),
    lines: Object.fromEntries(
      lines.map(([name, line]) => [name, line.map((job) => `${world.queue(job.queue).name}\t${job.id}`)]),
    ),
    names: lines.map(([name]) => name).sort(),
  });
}
