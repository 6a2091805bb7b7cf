import { homesOf, liveEntries } from '../../lua/support/homes.js';
import type { Keyspace } from '../../lua/support/keyspace.js';
import { jobOfKeys } from './job-of-keys.js';
import type { EpochView, QueueView } from './view.js';

const SETTING = /^(lease|grace|keep:\w+|concurrency|rate|group:\w+|stats|listening)$/;
const LANE_IDLE_MS = 86_400_000;

/** A queue as its keys have it; `before` = as they were before the last call. */
export function viewOfKeys(keys: Keyspace, before: Keyspace, now: number): QueueView {
  const jobs = [...homesOf(keys)].map(([id, homes]) => [id, jobOfKeys(keys, id, homes.join(' and '))] as const);
  const aside = keys.namesUnder('u').map((name) => [name, Object.keys(keys.sorted(`u:${name}`))]);
  return {
    jobs: Object.fromEntries(jobs),
    waiting: waitingOf(keys),
    completed: liveEntries(keys, 'fc'),
    aside: Object.fromEntries(aside),
    epochs: Object.fromEntries(keys.namesUnder('h').map((epoch) => [epoch, epochOf(keys, epoch)])),
    settings: Object.fromEntries(Object.entries(keys.meta).filter(([name]) => SETTING.test(name))),
    groups: keys.hash('gc'),
    pause: Number(keys.meta['pause'] ?? 0),
    seen: keys.meta['seen'] === undefined ? undefined : Number(keys.meta['seen']),
    isHeard: (keys.meta['bits'] ?? '').includes('e'),
    uniques: uniquesOf(keys, now),
    remembered: rememberedOf(keys, now),
    lanes: lanesOf(keys, now),
    schedules: schedulesOf(keys),
    tracked: keys.sorted('tk'),
    counted: countedOf(keys),
    starts: countIn(keys, 'rl', keys.meta['rate'], now),
    groupStarts: groupStartsOf(keys, now),
    told: linesOf(keys).slice(linesOf(before).length).sort(),
  };
}

function waitingOf(keys: Keyspace): Record<string, readonly string[]> {
  const free = [
    ...Object.keys(keys.sorted('pp')),
    ...liveEntries(keys, 'rf'),
    ...liveEntries(keys, 'r'),
    ...Object.keys(keys.sorted('pn')),
  ];
  const groups = keys.namesUnder('g').map((name) => [name, Object.keys(keys.sorted(`g:${name}`))] as const);
  return Object.fromEntries([...(free.length === 0 ? [] : [['', free] as const]), ...groups]);
}

function epochOf(keys: Keyspace, epoch: string): EpochView {
  const held = keys.hash(`h:${epoch}`);
  const [, lease] = held['\topen']?.split(',') ?? [];
  const slots = Object.entries(held).filter(([field]) => /^\t\d+$/.test(field));
  return {
    ...(lease === undefined ? {} : { lease: Number(lease) }),
    expiry: keys.sorted('L')[epoch] ?? 0,
    isOpen: lease !== undefined,
    isSpared: held['\tgrace'] !== undefined,
    ...(held['\tlate'] === undefined ? {} : { late: Number(held['\tlate']) }),
    obeyed: Number(held['\tpause'] ?? 0),
    leased: Number(held['\tleased'] ?? 1_000_000_000_000) - 1_000_000_000_000,
    taken: (held['\ttaken'] ?? '0\n').split('\n').slice(0, -1),
    slots: Object.fromEntries(slots.map(([field, value]) => [field.slice(1), value])),
  };
}

/** Keys whose time is over hold nothing, and go when somebody looks. */
function uniquesOf(keys: Keyspace, now: number): Record<string, string> {
  const isOver = (entry: string): boolean => !entry.endsWith('\t') && Number(entry.split('\t')[1]) <= now;
  return Object.fromEntries(Object.entries(keys.hash('uk')).filter(([, entry]) => !isOver(entry)));
}

/** Ids that are remembered; 0 = their time is over, and they are there as long as their jobs. */
function rememberedOf(keys: Keyspace, now: number): Record<string, number> {
  const jobs = keys.hash('j');
  const ids = Object.entries(keys.sorted('ids')).map(
    ([id, until]) => [id, Number.isInteger(until) && until > now ? until : 0] as const,
  );
  return Object.fromEntries(ids.filter(([id, until]) => until > 0 || jobs[id] !== undefined));
}

function lanesOf(keys: Keyspace, now: number): Record<string, string> {
  const lanes = Object.entries(keys.hash('l')).map(([lane, text]) => [lane, text.split('\t', 1)[0] ?? ''] as const);
  return Object.fromEntries(lanes.filter(([, text]) => Number(text.split(',')[1]) > now - LANE_IDLE_MS));
}

function schedulesOf(keys: Keyspace): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(keys.hash('sc')).map(([id, record]) => {
      const [running, paused] = [keys.sorted('sn')[id], keys.sorted('sp')[id]];
      const state = running === undefined ? (paused === undefined ? 'over' : 'paused') : 'running';
      return [id, { record, state, at: running ?? paused ?? 0, history: keys.members(`sh:${id}`) }];
    }),
  );
}

function countedOf(keys: Keyspace): Record<string, number> {
  const fields = keys
    .namesUnder('st')
    .flatMap((day) =>
      Object.entries(keys.hash(`st:${day}`)).map(([field, n]) => [`${day}/${field}`, Number(n)] as const),
    );
  return Object.fromEntries(fields);
}

/** Entries of a time and of how many starts there were until then, the first of which counts no more. */
function countIn(keys: Keyspace, list: string, rate: string | undefined, now: number): number {
  const spanMs = Number(rate?.split(',')[1] ?? 0);
  const entries = keys.members(list).map((entry) => entry.split(',').map(Number) as [number, number]);
  const [lastAt, last] = entries.at(-1) ?? [0, 0];
  if (lastAt > now) return 0;
  const before = entries.filter(([at]) => at + spanMs <= now).at(-1)?.[1] ?? entries[0]?.[1] ?? 0;
  return last - before;
}

function groupStartsOf(keys: Keyspace, now: number): Record<string, number> {
  const all = keys.namesUnder('gr').map((name) => {
    const own = keys.hash('gc')[name]?.split(';')[1] ?? '';
    return [name, countIn(keys, `gr:${name}`, own === '' ? keys.meta['group:rate'] : own, now)] as const;
  });
  return Object.fromEntries(all.filter(([, count]) => count > 0));
}

function linesOf(keys: Keyspace): string[] {
  const entries = keys.members('ev') as unknown as readonly (readonly [string, readonly string[]])[];
  return entries.flatMap(([, fields]) => (fields[3] ?? '').split('\n').map((line) => line.split('\t', 2).join('\t')));
}
