import { checkBatches } from './batch-checks.js';
import { ghostsIn, homesOf } from './homes.js';
import type { Keyspace } from './keyspace.js';
import { checkStats } from './stats-checks.js';
import { checkSchedules } from './schedule-checks.js';
import { checkGroups } from './group-checks.js';
import { checkLimits } from './limit-checks.js';

const STATE_OF: Record<string, string> = { c: 'completed', f: 'failed', t: 'timed_out', b: 'broken', x: 'cancelled' };
const HEADER = /^1\d+,\d+,\d+,\d+,[SNXTRYGDP]*,-?\d*$/;
const ENVELOPE = /^1\d{13}[pkxsuvf]*\t[^\t]+\t[\d:,pkxsuvf-]*\t[^\n]*\n/;
/** The room that a turn has beside a priority in the score of the ordered sets: 2^42. */
const TURN = 4_398_046_511_104;

/** What must be true of records, indices and counters. */
export function checkCollections(keys: Keyspace): string[] {
  return [
    ...records(keys),
    ...outcomes(keys),
    ...priorities(keys),
    ...notes(keys),
    ...failureGroups(keys),
    ...histories(keys),
    ...checkStats(keys),
    ...sameMembers('un', keys.members('un'), 'the keys u:*', keys.namesUnder('u')),
    ...sameMembers('l', Object.keys(keys.hash('l')), 'lz', Object.keys(keys.sorted('lz'))),
    ...bits(keys),
    ...checkSchedules(keys),
    ...checkLimits(keys),
    ...checkBatches(keys),
    ...checkGroups(keys),
    ...equal('ghosts', Number(keys.meta['ghosts'] ?? 0), ghostsIn(keys, ['r', 'rf'])),
    ...equal('gone', Number(keys.meta['gone'] ?? 0), ghostsIn(keys, ['fc'])),
  ];
}

function records(keys: Keyspace): string[] {
  const jobs = keys.hash('j');
  const unreadable = keys.sorted('u:\tformat');
  const faults: string[] = [];
  for (const [id, text] of Object.entries(jobs)) {
    if (unreadable[id] === undefined && !ENVELOPE.test(text))
      faults.push(`the envelope of ${id} is ${JSON.stringify(text)}`);
  }
  for (const [id, text] of Object.entries(keys.hash('m'))) {
    if (jobs[id] === undefined) faults.push(`a header of ${id}, which is no job`);
    if (unreadable[id] === undefined && !HEADER.test(text))
      faults.push(`the header of ${id} is ${JSON.stringify(text)}`);
  }
  for (const id of Object.keys(keys.hash('e'))) {
    if (jobs[id] === undefined || keys.hash('o')[id] !== undefined) faults.push(`an error of ${id}, which is over`);
  }
  return faults;
}

/** An outcome exists for exactly the finished jobs, and names the state whose index has the job. */
function outcomes(keys: Keyspace): string[] {
  const faults: string[] = [];
  const indexed = new Map<string, string>();
  for (const kind of ['f', 'y']) {
    for (const state of keys.namesUnder(kind))
      for (const id of Object.keys(keys.sorted(`${kind}:${state}`))) indexed.set(id, state);
  }
  for (const [id, homes] of homesOf(keys)) if (homes.includes('fc')) indexed.set(id, 'completed');
  for (const [id, text] of Object.entries(keys.hash('o'))) {
    if (!/^[cftbx]\d{13},\d+,\d+\n/.test(text)) faults.push(`the outcome of ${id} is ${JSON.stringify(text)}`);
    if (indexed.get(id) !== STATE_OF[text.charAt(0)])
      faults.push(`${id} ended as ${text.charAt(0)}, is in ${indexed.get(id)}`);
  }
  for (const id of indexed.keys())
    if (keys.hash('o')[id] === undefined) faults.push(`${id} is finished without an outcome`);
  return faults;
}

function priorityOf(keys: Keyspace, id: string): number {
  const own = keys.hash('m')[id]?.split(',')[5] ?? '';
  if (own !== '') return Number(own);
  return Number(/^[^\t]*\t[^\t]*\t(?:[^\t]*,)?p(-?\d+)/.exec(keys.hash('j')[id] ?? '')?.[1] ?? 0);
}

function priorities(keys: Keyspace): string[] {
  const faults: string[] = [];
  for (const set of ['pp', 'pn']) {
    for (const [id, score] of Object.entries(keys.sorted(set))) {
      if (id.startsWith('\t')) continue;
      const priority = priorityOf(keys, id);
      if (Math.floor(score / TURN) !== 1_000 - priority)
        faults.push(`${id} has priority ${priority} and score ${score}`);
      if ((set === 'pp') !== priority > 0) faults.push(`${id} of priority ${priority} is in ${set}`);
    }
  }
  for (const [id, homes] of homesOf(keys)) {
    const [home = ''] = homes;
    const isOrdered = priorityOf(keys, id) !== 0;
    if (isOrdered && (home === 'r' || home === 'rf')) faults.push(`${id} has a priority and is in ${home}`);
    // Putting it back must not read its envelope.
    const isReadBlind =
      home === 'd' || home === 't' || home === 'b' || (home.startsWith('u:') && home !== 'u:\tformat');
    if (isOrdered && isReadBlind && (keys.hash('m')[id]?.split(',')[5] ?? '') === '')
      faults.push(`${id} in ${home} has its priority nowhere`);
  }
  return faults;
}

function notes(keys: Keyspace): string[] {
  return keys.namesUnder('s').flatMap((id) => {
    const flags = keys.hash('m')[id]?.split(',')[4] ?? '';
    return flags.includes('N') ? [] : [`notes of ${id}, whose header does not say so`];
  });
}

/** Each job in store as failed, timed_out or broken is in one group, and no other job is in any; the counts are true. */
function failureGroups(keys: Keyspace): string[] {
  const faults: string[] = [];
  const groupOf = keys.hash('fk');
  const ended = keys.hash('o');
  const failed = Object.keys(ended).filter((id) => 'ftb'.includes(ended[id]?.charAt(0) ?? ' '));
  faults.push(...sameMembers('the failed jobs', failed, 'fk', Object.keys(groupOf)));
  faults.push(...sameMembers('fg', Object.keys(keys.sorted('fg')), 'the keys fe:*', keys.namesUnder('fe')));
  for (const group of keys.namesUnder('fe')) {
    const members = keys.sorted(`fe:${group}`);
    const said = Object.keys(groupOf).filter((id) => groupOf[id] === group);
    faults.push(...sameMembers(`fe:${group}`, Object.keys(members), 'fk', said));
    faults.push(...equal(`fg of ${group}`, keys.sorted('fg')[group] ?? 0, said.length));
    for (const [id, at] of Object.entries(members)) {
      if (Number(ended[id]?.slice(1, 14)) !== at) faults.push(`${id} ended at another time than fe:${group} says`);
      const name = keys.hash('j')[id]?.split('\t')[1] ?? '';
      if (!group.startsWith(`${name}:`)) faults.push(`${id} is called ${name}, and its group ${group}`);
    }
  }
  return faults;
}

const ENTRY = /^[ruzftbxcsRP]\d{13}\t\d+\t\d+\t[^\t\n]*\t[^\t\n]*\n/;

/** A history exists for exactly the jobs whose headers say so, and is bounded. */
function histories(keys: Keyspace): string[] {
  const headers = keys.hash('m');
  const flagged = Object.keys(headers).filter((id) => headers[id]?.split(',')[4]?.includes('Y'));
  const faults = sameMembers('headers with Y', flagged, 'hs', keys.namesUnder('hs'));
  for (const id of keys.namesUnder('hs')) {
    const entries = keys.members(`hs:${id}`);
    if (entries.length > 100) faults.push(`the history of ${id} has ${entries.length} entries`);
    for (const entry of entries) if (!ENTRY.test(entry)) faults.push(`${id} has the entry ${JSON.stringify(entry)}`);
    const times = entries.map((entry) => Number(entry.slice(1, 14)));
    if (times.some((at, i) => i > 0 && at < times[i - 1]! - 1_000)) faults.push(`the history of ${id} is in no order`);
  }
  return faults;
}

function bits(keys: Keyspace): string[] {
  const on = keys.meta['bits'] ?? '';
  const needed = { p: keys.has('pp') || keys.has('pn'), a: keys.has('aw'), g: keys.has('rf'), s: keys.has('sc') };
  return Object.entries(needed).flatMap(([bit, isNeeded]) =>
    isNeeded && !on.includes(bit) ? [`the bit ${bit} is off`] : [],
  );
}

function sameMembers(nameA: string, a: readonly string[], nameB: string, b: readonly string[]): string[] {
  const [left, right] = [a, b].map((list) => [...list].sort().join(' '));
  return left === right ? [] : [`${nameA} has "${left}", ${nameB} "${right}"`];
}

function equal(what: string, said: number, counted: number): string[] {
  return said === counted ? [] : [`${what} is said to be ${said} and is ${counted}`];
}
