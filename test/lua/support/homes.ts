import { isFired } from './batch-checks.js';
import type { Keyspace } from './keyspace.js';

/** Job id -> the collections that have it. */
export type Homes = ReadonlyMap<string, readonly string[]>;

/** Where each id is. Entries of the ready list that departed jobs left behind are nobody's home. */
export function homesOf(keys: Keyspace): Homes {
  const homes = new Map<string, string[]>();
  const put = (id: string, home: string): void => void homes.set(id, [...(homes.get(id) ?? []), home]);
  for (const list of ['r', 'rf', 'fc']) for (const id of liveEntries(keys, list)) put(id, list);
  const sets = [
    'pp',
    'pn',
    'd',
    't',
    'wr',
    'ag',
    'gw',
    'b',
    ...['f', 'y', 'u'].flatMap((kind) => keys.namesUnder(kind).map((name) => `${kind}:${name}`)),
  ];
  for (const set of sets) for (const id of jobsIn(keys, set)) put(id, set);
  for (const epoch of keys.namesUnder('h')) {
    for (const id of Object.keys(keys.hash(`h:${epoch}`))) if (!id.startsWith('\t')) put(id, `h:${epoch}`);
  }
  return homes;
}

/** An entry of a list is alive if its place is the job's, and of a completed job if it is completed: `id` is place 0, as a missing header is. */
export function liveEntries(keys: Keyspace, list: string): string[] {
  return keys.members(list).flatMap((entry) => {
    const [id = '', place = '0'] = entry.split('\t');
    if (list === 'fc' && keys.hash('o')[id]?.startsWith('c') !== true) return [];
    return keys.hash('j')[id] !== undefined && placeOf(keys, id) === place ? [id] : [];
  });
}

function placeOf(keys: Keyspace, id: string): string {
  return keys.hash('m')[id]?.split(',')[3] ?? '0';
}

/** The jobs of a sorted set; a batch that has fired stands among the ready ones. */
function jobsIn(keys: Keyspace, set: string): string[] {
  return Object.keys(keys.sorted(set)).filter((id) => !id.startsWith('\t'));
}

/** Entries of no job in these lists, and of no batch. */
export function ghostsIn(keys: Keyspace, lists: readonly string[]): number {
  const entries = lists.flatMap((list) => keys.members(list)).filter((entry) => !isFired(keys, entry));
  return entries.length - lists.flatMap((list) => liveEntries(keys, list)).length;
}

/** Jobs that are ready to run. */
export function waitingIn(keys: Keyspace): number {
  const lists = ['r', 'rf'].reduce((sum, list) => sum + liveEntries(keys, list).length, 0);
  return lists + ['pp', 'pn', 'wr', 'gw'].reduce((sum, set) => sum + jobsIn(keys, set).length, 0);
}
