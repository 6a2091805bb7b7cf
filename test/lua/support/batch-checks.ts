import type { Keyspace } from './keyspace.js';

const FACTS = /^(-?\d+),(\d{13}),(\d+)\t((\d+):.*)$/;

/** What must be true of batches: each member in one, each open one with its time, each that has fired once among the ready. */
export function checkBatches(keys: Keyspace): string[] {
  const facts = keys.hash('af');
  const open = keys.sorted('ad');
  const numbers = Object.keys(facts);
  const fired = numbers.filter((number) => open[number] === undefined);
  return [
    ...members(keys),
    ...same('the lists ab:*', keys.namesUnder('ab'), 'af', numbers),
    ...same('ao', Object.values(keys.hash('ao')), 'ad', Object.keys(open)),
    ...same('the ready batches', readyUnits(keys), 'the fired ones', fired),
    ...identities(keys),
    ...(Number(keys.meta['batches'] ?? 0) === fired.length ? [] : [`batches is ${keys.meta['batches']}`]),
    ...(numbers.length > 0 && !keys.meta['bits']?.includes('b') ? ['the bit b is off'] : []),
  ];
}

/** The number of a batch that stands among ready jobs, whether it is still there or not. */
export function unitOf(entry: string): string | undefined {
  return /^\tb(\d+)$/.exec(entry)?.[1];
}

/** The numbers of batches that wait for a worker. */
function readyUnits(keys: Keyspace): string[] {
  const sets = ['pp', 'pn'].flatMap((set) => Object.keys(keys.sorted(set)));
  const lists = ['r', 'rf'].flatMap((list) => keys.members(list)).filter((entry) => isFired(keys, entry));
  return [...sets.flatMap((id) => unitOf(id) ?? []), ...lists.flatMap((entry) => unitOf(entry) ?? [])];
}

/** Whether the entry of a ready list is a batch that waits for a worker. */
export function isFired(keys: Keyspace, entry: string): boolean {
  const number = unitOf(entry);
  return number !== undefined && keys.hash('af')[number] !== undefined;
}

function members(keys: Keyspace): string[] {
  const said = Object.entries(keys.sorted('ag')).map(([id, number]) => `${number}/${id}`);
  const listed = keys.namesUnder('ab').flatMap((number) => keys.members(`ab:${number}`).map((id) => `${number}/${id}`));
  return same('ag', said, 'the lists ab:*', listed);
}

function identities(keys: Keyspace): string[] {
  const faults: string[] = [];
  for (const [number, text] of Object.entries(keys.hash('af'))) {
    const [, , , most = '0', identity = ''] = FACTS.exec(text) ?? [];
    if (identity === '') faults.push(`batch ${number} has the facts ${JSON.stringify(text)}`);
    const isOpen = keys.sorted('ad')[number] !== undefined;
    if (isOpen !== (keys.hash('ao')[identity] === number))
      faults.push(`batch ${number} is not the open one of ${identity}`);
    const size = keys.members(`ab:${number}`).length;
    if (isOpen && size >= Number(most)) faults.push(`batch ${number} has ${size} members, and has not fired`);
  }
  return faults;
}

function same(nameA: string, a: readonly string[], nameB: string, b: readonly string[]): string[] {
  const [left, right] = [a, b].map((list) => [...list].sort().join(' '));
  return left === right ? [] : [`${nameA}: "${left}", ${nameB}: "${right}"`];
}
