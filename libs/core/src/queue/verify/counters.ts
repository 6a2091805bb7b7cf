import { identityOf, type RawFinding } from './finding.js';

/** Whether a finding is of a counter of the queue, or of a setting: fields of the meta, and what queues of a slot share of it. */
export function isOfMeta({ kind, key }: RawFinding): boolean {
  return (kind === 'miscounted' || kind === 'unreadable') && (key === 'q' || key === '^rm');
}

/**
 * What pages of keys say of counters, until all have been looked at: each page knows the highest number that it has met, and the
 * counter has to go on from the highest of all.
 */
export class Counters {
  readonly #found = new Map<string, RawFinding>();

  add(finding: RawFinding): void {
    const known = this.#found.get(identityOf(finding));
    if (known === undefined || Number(known.proof) < Number(finding.proof))
      this.#found.set(identityOf(finding), finding);
  }

  take(): RawFinding[] {
    const all = [...this.#found.values()];
    this.#found.clear();
    return all;
  }
}

/** The finding that a counter of void entries of a long list is. */
export function asMiscounted(
  key: string,
  name: string,
  { count, said, stamp }: { count: number; said: number; stamp: string },
): RawFinding {
  const what = `${name} is said to be ${said}, and is ${count}`;
  return { kind: 'miscounted', key, member: String(count), what, how: 'it is counted anew', proof: stamp };
}
