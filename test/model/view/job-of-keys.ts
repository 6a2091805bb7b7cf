import type { Keyspace } from '../../lua/support/keyspace.js';
import { compact, type JobView } from './view.js';

const STATES: Readonly<Record<string, string>> = { d: 'delayed', t: 'retrying', b: 'blocked', fc: 'completed' };

/** A job as its keys have it, by the collection in which it is. */
export function jobOfKeys(keys: Keyspace, id: string, home: string): JobView {
  const header = keys.hash('m')[id] ?? '10,0,0,0,,';
  const [failures = '', stalls = '', uncounted = '', , letters = '', own = ''] = header.slice(1).split(',');
  const envelope = keys.hash('j')[id] ?? '';
  return compact({
    state: stateOf(home),
    envelope,
    priority: Number(own === '' ? (/^[^\t]*\t[^\t]*\t(?:[^\t]*,)?p(-?\d+)/.exec(envelope)?.[1] ?? 0) : own),
    charged: `${failures} ${stalls} ${uncounted}`,
    letters: letters.split('').sort().join(''),
    at: ['d', 't', 'b'].includes(home) ? keys.sorted(home)[id] : undefined,
    error: keys.hash('e')[id],
    outcome: keys.hash('o')[id],
    kind: keys.hash('fk')[id],
    keptUntil: home.startsWith('y:') ? keys.sorted(home)[id] : undefined,
    lines: keys.hash('x')[id]?.split('\n').sort().join('\n'),
    notes: keys.hash(`s:${id}`),
    history: keys.members(`hs:${id}`),
    lease: home.startsWith('h:') ? leaseOf(home.slice(2), keys.hash(home)[id] ?? '') : undefined,
    needs: keys.members(`dl:${id}`),
    dependents: keys.members(`dd:${id}`),
    failed: keys.members(`df:${id}`),
    results: keys.hash(`dr:${id}`),
  }) as JobView;
}

function stateOf(home: string): string {
  if (home.startsWith('h:')) return 'active';
  if (home.startsWith('u:')) return 'aside';
  if (home.startsWith('f:') || home.startsWith('y:')) return home.slice(2);
  return STATES[home] ?? 'waiting';
}

function leaseOf(epoch: string, held: string): string {
  const [, token = '', nth = '', facts = ''] = /^(\w+\.\d+)\.(\d{13})(.*)$/.exec(held) ?? [];
  return `${epoch} ${token} ${Number(nth) - 1_000_000_000_000}${facts.includes('M') ? ' marked' : ''}`;
}
