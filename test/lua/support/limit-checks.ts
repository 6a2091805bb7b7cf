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
    return at >= before && count >= less;
  });
  return isSorted ? [] : [`starts are ${starts.join(' ')}`];
}

/** What the line `r` of a job says: resource -> amount. */
function usesOf(keys: Keyspace, id: string): [string, number][] {
  const [, line = ''] = /(?:^|\n)r\t([^\n]*)/.exec(keys.hash('x')[id] ?? '') ?? [];
  const values = line.split('\t');
  return Array.from({ length: Math.floor(values.length / 2) }, (_, i) => [values[2 * i]!, Number(values[2 * i + 1])]);
}

/** Of a queue that has a slot of its own: what is used is what the held jobs use, and who waits stands in one line. */
export function checkResources(keys: Keyspace): string[] {
  const used: Record<string, number> = {};
  for (const [id, [home]] of homesOf(keys)) {
    if (!home?.startsWith('h:')) continue;
    for (const [name, amount] of usesOf(keys, id)) used[name] = (used[name] ?? 0) + amount;
  }
  const said = Object.fromEntries(Object.entries(keys.hash('ru')).map(([name, amount]) => [name, Number(amount)]));
  const faults = Object.keys({ ...used, ...said }).flatMap((name) =>
    used[name] === said[name] ? [] : [`of ${name} ${said[name]} is said to be used, and is ${used[name]}`],
  );
  const same = (what: string, a: readonly (string | undefined)[], b: readonly string[]): void => {
    const [left, right] = [new Set(a), new Set(b)];
    if (a.length !== b.length || left.size !== right.size || b.some((each) => !left.has(each)))
      faults.push(`${what}: ${a.join()} and ${b.join()}`);
  };
  const lines = keys.namesUnder('rw');
  same('rn has other names than there are lines', keys.members('rn'), lines);
  const waiting = lines.flatMap((name) =>
    Object.keys(keys.sorted(`rw:${name}`)).map((member) => member.split('\t')[1]),
  );
  same('others stand in lines than wait', waiting, Object.keys(keys.sorted('wr')));
  return faults;
}
