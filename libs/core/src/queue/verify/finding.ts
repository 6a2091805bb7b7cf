/**
 * What can be wrong with something that belongs to a queue:
 *
 * - `unknown-key`, `wrong-type`: a key that no queue has, or that should be of another type
 * - `homeless`, `several-homes`, `misplaced`: a job in no collection, in several, in one where it does not belong
 * - `stray`: an entry or a key of something that is not there
 * - `missing`: an entry that other records ask for
 * - `unreadable`: a value that cannot be read
 * - `miscounted`: a counter that a recount does not confirm, or from which numbers would be given out a second time
 * - `header`: a header, or what a worker's hold says of it, that does not say what the job has
 * - `feature`: something that the queue uses, and does not know of
 */
export type FindingKind =
  | 'unknown-key'
  | 'wrong-type'
  | 'homeless'
  | 'several-homes'
  | 'misplaced'
  | 'stray'
  | 'missing'
  | 'unreadable'
  | 'miscounted'
  | 'header'
  | 'feature';

/** One thing that is wrong with the keys of a queue. */
export interface Finding {
  readonly kind: FindingKind;
  /** The key, by what follows the queue's own part of it; `^` stands before one that all queues of the slot share. */
  readonly key: string;
  /** The field, member or entry of the key; absent where it is the key as a whole. */
  readonly member?: string;
  /** The job that it concerns, where it concerns one. */
  readonly job?: string;
  /** What is wrong. */
  readonly problem: string;
  /** What `repair()` does about it. */
  readonly repair: string;
}

/** A finding as Redis tells it: what is sent back to have it mended. */
export interface RawFinding {
  /** A `candidate` is a job that may be in a list; `unchecked` says of something that it could not be judged. */
  readonly kind: FindingKind | 'candidate' | 'unchecked';
  readonly key: string;
  readonly member: string;
  readonly what: string;
  readonly how: string;
  readonly proof: string;
}

const WIDTH = 6;

export function readFindings(flat: readonly string[]): RawFinding[] {
  const found: RawFinding[] = [];
  for (let i = 0; i < flat.length; i += WIDTH) {
    const [kind = '', key = '', member = '', what = '', how = '', proof = ''] = flat.slice(i, i + WIDTH);
    found.push({ kind: kind as RawFinding['kind'], key, member, what, how, proof });
  }
  return found;
}

/** Keys whose members are jobs, and families of keys of single jobs. */
const OF_JOBS = /^(?:[jmoexbdt]|r|rf|fc|pp|pn|ag|wr|gw|fk|[uhfyg]:.*|gs:.*|fe:.*|tg:.*)$/s;
const OF_A_JOB = /^(?:s|hs|dl|dd|df|dr):(.*)$/s;

/** Tells a finding to people. */
export function tellFinding({ kind, key, member, what, how }: RawFinding): Finding {
  const job = jobOf(key, member);
  return {
    kind: kind as FindingKind,
    key,
    ...(member === '' ? {} : { member }),
    ...(job === undefined ? {} : { job }),
    problem: what,
    repair: how,
  };
}

function jobOf(key: string, member: string): string | undefined {
  const own = OF_A_JOB.exec(key)?.[1];
  if (own !== undefined) return own;
  if (member === '' || member.startsWith('\t') || !OF_JOBS.test(key)) return undefined;
  return member.split('\t', 1)[0];
}

/** The same thing found twice is one finding. */
export function identityOf({ kind, key, member }: RawFinding): string {
  return `${kind}\n${key}\n${member}`;
}
