import type { Keyspace } from './keyspace.js';

/** What must be true of the dependencies between the jobs of a queue; those in other queues are not looked at. */
export function checkEdges(keys: Keyspace): string[] {
  const { pending, told } = detached(keys);
  return [
    ...keys.namesUnder('dl').flatMap((child) => openOf(keys, child, told)),
    ...keys.namesUnder('dd').flatMap((parent) => dependentsOf(keys, parent)),
    ...keys.namesUnder('df').flatMap((parent) => failedBy(keys, parent)),
    ...keys.namesUnder('dr').flatMap((child) => (flagsOf(keys, child).includes('D') ? [] : [`results for ${child}`])),
    ...Object.keys(keys.sorted('b')).flatMap((child) =>
      keys.has(`dl:${child}`) ? [] : [`${child} is blocked and waits for nothing`],
    ),
    ...((keys.meta['bits'] ?? '').includes('d') || pending.length === 0 ? [] : ['ends are pending, the bit d is off']),
  ];
}

function detached(keys: Keyspace): { pending: readonly string[]; told: ReadonlySet<string> } {
  const told = keys.namesUnder('dx').flatMap((set) => keys.members(`dx:${set}`));
  return { pending: keys.members('dq'), told: new Set(told) };
}

function openOf(keys: Keyspace, child: string, told: ReadonlySet<string>): string[] {
  if (!flagsOf(keys, child).includes('D')) return [`${child} waits for others, and its header does not say so`];
  const isOver = keys.hash('o')[child] !== undefined;
  return own(keys.members(`dl:${child}`)).flatMap((parent) => {
    const isKnown = keys.members(`dd:${parent}`).includes(child) || keys.members(`df:${parent}`).includes(child);
    const isBlockedByNobody = !isThatJob(keys, parent, child) && (isOver || policyOf(keys, child) === 'b');
    return isKnown || isBlockedByNobody || told.has(child)
      ? []
      : [`${parent} does not know that ${child} waits for it`];
  });
}

/** Whether the job that failed the child, or that it waits for, is there: another one may have its id since. */
function isThatJob(keys: Keyspace, parent: string, child: string): boolean {
  const createdAt = (id: string): number => Number(keys.hash('j')[id]?.slice(1, 14));
  const endedAt = keys.hash('o')[child]?.slice(1, 14);
  return keys.hash('j')[parent] !== undefined && createdAt(parent) < Number(endedAt ?? createdAt(child) + 1);
}

function dependentsOf(keys: Keyspace, parent: string): string[] {
  if (!flagsOf(keys, parent).includes('P')) return [`${parent} has dependents, and its header does not say so`];
  if (keys.hash('o')[parent] !== undefined) return [`${parent} has ended, and has dependents`];
  return own(keys.members(`dd:${parent}`)).flatMap((child) => edge(keys, child, parent));
}

function failedBy(keys: Keyspace, parent: string): string[] {
  const outcome = keys.hash('o')[parent];
  const isWaiting = keys.members('dq').some((entry) => entry.startsWith(`O\t\t${parent}\n`));
  if (outcome?.startsWith('c') !== false && !isWaiting)
    return [`${parent} has failed jobs, and its outcome is ${outcome}`];
  return own(keys.members(`df:${parent}`)).flatMap((child) => edge(keys, child, parent));
}

function edge(keys: Keyspace, child: string, parent: string): string[] {
  return keys.members(`dl:${child}`).includes(parent) ? [] : [`${child} does not know that it waits for ${parent}`];
}

function flagsOf(keys: Keyspace, id: string): string {
  return keys.hash('m')[id]?.split(',')[4] ?? '';
}

function policyOf(keys: Keyspace, id: string): string {
  return /(?:^|\n)d\t(.)/.exec(keys.hash('x')[id] ?? '')?.[1] ?? '';
}

function own(refs: readonly string[]): string[] {
  return refs.filter((ref) => !ref.startsWith('{'));
}
