import { OutcomeUnknownError } from '../errors/index.js';
import type { ResolvedJobRef } from '../job/job-ref.js';

/** A job on its way into the queue. */
export interface Draft {
  readonly id: string;
  /** Whether the id was given by the user, and so may be taken. */
  readonly isGiven: boolean;
  /** What the core is told beside the body: `d1000,p5`; empty for most jobs. */
  readonly how: string;
  /** What the core has to know of it in words: tags, its unique key; empty for most jobs. */
  readonly lines: string;
  readonly body: string;
  /** The jobs that have to complete before; absent on most jobs. */
  readonly dependsOn?: readonly ResolvedJobRef[];
  /** Of a job for which nothing was said: what its body is made of, so that nothing need be read back from it. */
  readonly plain?: { readonly name: string; readonly payload: string };
}

/** What became of a draft. */
export interface Added {
  readonly outcome: 'added' | 'kept' | 'replaced';
  /** The job that was kept, where it has another id: it holds the unique key. */
  readonly keptId?: string;
  /** By the clock of Redis, in ms. */
  readonly at: number;
  /** Of a job with dependencies: it waits for them, or they have ended it at once. */
  readonly became?: 'blocked' | 'ended';
}

/** Measured: 500 jobs a call is where the cost of a call no longer shows; larger calls only hold the server longer. */
const MAX_JOBS = 500;
const MAX_CHARS = 1_048_576;

/** Jobs that are stored in one call. */
export abstract class Batch {
  abstract readonly drafts: readonly Draft[];
  /** One refused job refuses all. */
  abstract readonly isAtomic: boolean;

  /** @param fateOf what became of the draft at an index: an error if it alone was refused */
  abstract settle(fateOf: (index: number) => Added | Error): void;
  abstract reject(error: unknown): void;

  get ids(): string[] {
    return this.drafts.map(({ id }) => id);
  }

  /** Whether something has to be looked up before a job of it can be stored. */
  get needsChecks(): boolean {
    return this.drafts.some(({ isGiven, lines }) => isGiven || lines !== '');
  }

  /** Whether a job of it can start at once. */
  get isDue(): boolean {
    return this.drafts.some(({ how }) => how === '' || !/(?:^|,)[da]/.test(how));
  }

  /** As the commands take them. */
  get rows(): string[] {
    const rows: string[] = [];
    for (const { id, how, lines, body } of this.drafts) rows.push(headOf(id, how, lines), body);
    return rows;
  }
}

/** The head of a row: id, instructions, lines. */
export function headOf(id: string, how: string, lines: string): string {
  if (lines !== '') return `${id}\t${how}\n${lines}`;
  return how === '' ? id : `${id}\t${how}`;
}

/** What only one job can have: the id that its user gave, its unique key. */
function claimsOf({ id, isGiven, lines }: Draft): string[] {
  const [, key] = /^u\t(\d+)/m.exec(lines) ?? [];
  return [...(isGiven ? [`id ${id}`] : []), ...(key === undefined ? [] : [`key ${key}`])];
}

interface Waiter {
  resolve(added: Added): void;
  reject(error: unknown): void;
}

/** Jobs of callers who know nothing of each other, and share a call by chance. */
export class SharedBatch extends Batch {
  readonly drafts: Draft[];
  readonly isAtomic = false;
  readonly #waiters: Waiter[];
  #chars = 0;
  /** Given ids and unique keys of its jobs: each of them but once. */
  #claims: Set<string> | undefined;

  constructor(drafts: Draft[] = [], waiters: Waiter[] = []) {
    super();
    this.drafts = drafts;
    this.#waiters = waiters;
  }

  get size(): number {
    return this.drafts.length;
  }

  /** Takes out the second half, to be stored in a call of its own. Neither takes more jobs from then on. */
  split(): SharedBatch {
    const half = Math.ceil(this.size / 2);
    return new SharedBatch(this.drafts.splice(half), this.#waiters.splice(half));
  }

  /** Whether the job can go in the same call. */
  takes(draft: Draft): boolean {
    if (this.drafts.length >= MAX_JOBS || this.#chars + draft.body.length + draft.id.length > MAX_CHARS) return false;
    // Twice in one call they would conflict with each other, whatever their callers want to become of conflicts.
    return this.#claims === undefined || !claimsOf(draft).some((claim) => this.#claims?.has(claim));
  }

  add(draft: Draft): Promise<Added> {
    this.drafts.push(draft);
    this.#chars += draft.body.length + draft.id.length;
    if (draft.isGiven || draft.lines !== '')
      for (const claim of claimsOf(draft)) (this.#claims ??= new Set()).add(claim);
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  settle(fateOf: (index: number) => Added | Error): void {
    this.#waiters.forEach(({ resolve, reject }, index) => {
      const fate = fateOf(index);
      if (fate instanceof Error) reject(fate);
      else resolve(fate);
    });
  }

  /** Each is told of its own job. */
  reject(error: unknown): void {
    this.#waiters.forEach(({ reject }, index) => {
      if (!OutcomeUnknownError.is(error)) return reject(error);
      const { id } = this.drafts[index]!;
      reject(new OutcomeUnknownError(error.queue, 'add', [id], { cause: error.cause }));
    });
  }
}

/** Jobs of one caller: all are stored, or none. */
export class WholeBatch extends Batch {
  readonly drafts: readonly Draft[];
  readonly isAtomic = true;
  readonly added: Promise<Added[]>;
  #resolve!: (added: Added[]) => void;
  #reject!: (error: unknown) => void;

  constructor(drafts: readonly Draft[]) {
    super();
    this.drafts = drafts;
    this.added = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  settle(fateOf: (index: number) => Added | Error): void {
    const fates = this.drafts.map((_, index) => fateOf(index));
    const refusal = fates.find((fate) => fate instanceof Error);
    if (refusal === undefined) this.#resolve(fates as Added[]);
    else this.#reject(refusal);
  }

  reject(error: unknown): void {
    this.#reject(error);
  }
}
