import type { RawFinding } from './finding.js';
import type { ListWalk } from './list-walk.js';

/** Whether a job that is in no set was met in a list. */
export function isMet({ key, member, proof }: RawFinding, { ready, done }: ListWalk): boolean {
  return (key === 'fc' ? done : ready).has(entryOf(member, proof));
}

/** How a suspect would stand in a list: with the place that its header had. */
function entryOf(id: string, proof: string): string {
  if (id.startsWith('\t')) return id;
  const place = proof.slice(14).split(',')[3] ?? '0';
  return place === '0' || place === '' ? id : `${id}\t${place}`;
}

/** The finding that a suspect is, once it is known to be in no list. */
export function asLost({ key, member, proof }: RawFinding): RawFinding {
  const what =
    key === 'fc'
      ? 'it is completed, and not among the completed jobs'
      : 'it is in no collection: no worker would ever come to it';
  const how =
    key === 'fc' ? 'it is put there' : 'it waits for a worker, at the back; or for the jobs that it depends on';
  return { kind: 'homeless', key, member, what, how, proof };
}
