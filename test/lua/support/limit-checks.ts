import { homesOf } from './homes.js';
import type { Keyspace } from './keyspace.js';

/** What must be true of what counts towards limits: each count is equal to a recount. */
export function checkLimits(keys: Keyspace): string[] {
  return [...concurrency(keys), ...rate(keys)];
}

function concurrency(keys: Keyspace): string[] {
  const { concurrency, active, bits = '' } = keys.meta;
  if (concurrency === undefined) return active === undefined ? [] : ['active is counted without a limit'];
  const held = [...homesOf(keys).values()].filter(([home]) => home?.startsWith('h:')).length;
  const faults = bits.includes('l') ? [] : ['a limit, and the bit l is off'];
  return Number(active) === held ? faults : [...faults, `active is said to be ${active} and is ${held}`];
}

function rate(keys: Keyspace): string[] {
  const starts = keys.members('rl');
  if (keys.meta['rate'] === undefined) return starts.length === 0 ? [] : ['starts are counted without a rate'];
  const rising = starts.map((entry) => entry.split(',').map(Number) as [number, number]);
  const isSorted = rising.every(([at, count], i) => {
    const [before = -1, less = -1] = rising[i - 1] ?? [];
    return at >= before && count > less;
  });
  return isSorted ? [] : [`starts are ${starts.join(' ')}`];
}
