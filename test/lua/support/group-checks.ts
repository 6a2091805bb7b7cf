import { homesOf } from './homes.js';
import type { Keyspace } from './keyspace.js';

/** The group of a job, by its line `g`. */
function groupOf(keys: Keyspace, id: string): string | undefined {
  return /(?:^|\n)g\t([^\n\t]*)/.exec(keys.hash('x')[id] ?? '')?.[1];
}

function same(what: string, a: readonly string[], b: readonly string[]): string[] {
  const [left, right] = [new Set(a), new Set(b)];
  const isSame = a.length === b.length && left.size === right.size && b.every((each) => left.has(each));
  return isSame ? [] : [`${what}: ${a.join()} and ${b.join()}`];
}

/**
 * Ready jobs of groups lie with their group and in no list; what is held of a group is what its set says; a group with ready
 * jobs is in the ring, or its settings keep it out.
 */
export function checkGroups(keys: Keyspace): string[] {
  const homes = homesOf(keys);
  const faults: string[] = [];
  const held = new Map<string, string[]>();
  for (const [id, [home = '']] of homes) {
    const group = groupOf(keys, id);
    const flags = keys.hash('m')[id]?.split(',')[4] ?? '';
    if ((group !== undefined) !== flags.includes('G'))
      faults.push(`${id} has the group ${group}, and the letters ${flags}`);
    if (group === undefined) continue;
    if (['r', 'rf', 'pp', 'pn'].includes(home)) faults.push(`${id} of group ${group} is in ${home}`);
    if (home.startsWith('h:')) held.set(group, [...(held.get(group) ?? []), id]);
  }
  const ready = keys.namesUnder('g');
  const all = ready.flatMap((name) => Object.keys(keys.sorted(`g:${name}`)));
  faults.push(...same('gw has other jobs than the groups', Object.keys(keys.sorted('gw')), all));
  for (const name of ready) {
    for (const id of Object.keys(keys.sorted(`g:${name}`)))
      if (groupOf(keys, id) !== name) faults.push(`${id} is in group ${name}`);
  }
  for (const name of new Set([...held.keys(), ...keys.namesUnder('gs')]))
    faults.push(...same(`held of ${name}`, keys.members(`gs:${name}`), held.get(name) ?? []));
  const named = [...ready, ...keys.namesUnder('gs'), ...keys.namesUnder('gr'), ...Object.keys(keys.hash('gc'))];
  faults.push(...same('gn has other groups than there are', Object.keys(keys.sorted('gn')), [...new Set(named)]));
  return [...faults, ...ring(keys, ready)];
}

function ring(keys: Keyspace, ready: readonly string[]): string[] {
  const inRing = Object.keys(keys.sorted('gl'));
  const stray = inRing.filter((name) => !ready.includes(name)).map((name) => `${name} is in the ring without a job`);
  if (keys.meta['regroup'] !== undefined) return stray;
  const left = ready.filter((name) => !inRing.includes(name) && keys.sorted('gd')[name] === undefined);
  const kept = left.filter((name) => {
    const [concurrency = '', , paused = ''] = (keys.hash('gc')[name] ?? ';;').split(';');
    const most = concurrency === '' ? keys.meta['group:concurrency'] : concurrency;
    const isFull = most !== undefined && keys.members(`gs:${name}`).length >= Number(most);
    return paused !== 'p' && !isFull;
  });
  return [...stray, ...kept.map((name) => `${name} has jobs, and is not in the ring`)];
}
