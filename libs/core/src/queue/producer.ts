import { JobActiveError, JobConflictError, OutcomeUnknownError } from '../errors/index.js';
import { mintedId } from '../job/minted-id.js';
import { mintNonce } from '../job/nonce.js';
import { scripts } from '../redis/index.js';
import { Lane } from './lane.js';
import type { QueueContext } from './queue-context.js';

/** A job on its way into the queue. */
export interface Draft {
  readonly id: string;
  /** Whether the id was given by the user, and so may be taken. */
  readonly isGiven: boolean;
  /** What the core is told beside the body: `d1000,p5`; empty for most jobs. */
  readonly how: string;
  readonly body: string;
}

/** What became of a draft. */
export interface Added {
  readonly outcome: 'added' | 'kept' | 'replaced';
  /** By the clock of Redis, in ms. */
  readonly at: number;
}

interface Pending {
  readonly draft: Draft;
  resolve(added: Added): void;
  reject(error: unknown): void;
}

interface Batch {
  readonly pending: Pending[];
  /** One refused job refuses all. */
  readonly isAtomic: boolean;
}

/** Measured: 500 jobs a call is where the cost of a call no longer shows; larger calls only hold the server longer. */
const MAX_JOBS = 500;
const MAX_CHARS = 1_048_576;
const LANES = 2;

/**
 * Collects the jobs that are added in one tick and stores them in one call, with two calls in flight at most: a command
 * a job would cap a process at about 75,000 jobs a second whatever Redis can do.
 */
export class Producer {
  readonly #queue: QueueContext;
  readonly #lanes: readonly Lane[];
  readonly #batches: Batch[] = [];
  readonly #waiters: (() => void)[] = [];
  #open: Batch | undefined;
  #openChars = 0;
  #openIds: Set<string> | undefined;
  #isScheduled = false;
  #nonce = '';
  #count = 0;

  constructor(queue: QueueContext) {
    this.#queue = queue;
    this.#lanes = Array.from({ length: LANES }, () => new Lane(queue));
  }

  /** A fresh id: unique everywhere, and in order of minting within one producer. */
  mintId(): string {
    if (this.#nonce === '') this.#nonce = mintNonce();
    return mintedId(this.#nonce, this.#count++);
  }

  /** Adds one job, in the same call as others of this tick. */
  add(draft: Draft): Promise<Added> {
    return new Promise((resolve, reject) => {
      const batch = this.#batchFor(draft);
      batch.pending.push({ draft, resolve, reject });
      this.#schedule();
    });
  }

  /** Adds all or none, in one call: as many as the caller thinks good for the server. */
  addAll(drafts: readonly Draft[]): Promise<Added[]> {
    this.#seal();
    const pending: Pending[] = [];
    const answers = drafts.map(
      (draft) => new Promise<Added>((resolve, reject) => pending.push({ draft, resolve, reject })),
    );
    this.#batches.push({ pending, isAtomic: true });
    this.#schedule();
    return Promise.all(answers);
  }

  /** Resolves when all that was added so far has been answered. */
  async settled(): Promise<void> {
    if (this.#isIdle) return;
    await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  get #isIdle(): boolean {
    return this.#open === undefined && this.#batches.length === 0 && !this.#lanes.some((lane) => lane.isBusy);
  }

  #batchFor(draft: Draft): Batch {
    const chars = draft.body.length + draft.id.length;
    const isFull =
      this.#open !== undefined && (this.#open.pending.length >= MAX_JOBS || this.#openChars + chars > MAX_CHARS);
    // The same given id twice in one call would conflict with itself.
    if (isFull || (draft.isGiven && this.#openIds?.has(draft.id) === true)) this.#seal();
    this.#open ??= { pending: [], isAtomic: false };
    this.#openChars += chars;
    if (draft.isGiven) (this.#openIds ??= new Set()).add(draft.id);
    return this.#open;
  }

  #seal(): void {
    if (this.#open !== undefined) this.#batches.push(this.#open);
    this.#open = undefined;
    this.#openChars = 0;
    this.#openIds = undefined;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#queue.clock.tick(() => {
      this.#isScheduled = false;
      this.#send();
    });
  }

  #send(): void {
    for (const lane of this.#lanes) {
      if (lane.isBusy) continue;
      if (this.#batches.length === 0) this.#seal();
      const batch = this.#batches.shift();
      if (batch === undefined) break;
      void this.#store(lane, batch).finally(() => this.#send());
    }
    if (this.#isIdle) for (const resolve of this.#waiters.splice(0)) resolve();
  }

  async #store(lane: Lane, batch: Batch): Promise<void> {
    const { pending } = batch;
    try {
      if (pending.some(({ draft }) => draft.isGiven)) await this.#storeGiven(lane, batch);
      else await this.#storeMinted(lane, pending);
    } catch (error) {
      for (const { draft, reject } of pending) reject(batch.isAtomic ? error : ofOneJob(error, draft.id));
    }
  }

  async #storeMinted(lane: Lane, pending: readonly Pending[]): Promise<void> {
    const reply = await lane.call(scripts.add, { now: this.#queue.now, rows: toRows(pending) }, idsOf(pending));
    if (reply.code === 'UPGRADE') throw this.#queue.upgradeRequired(`features "${reply.bits}"`);
    const added: Added = { outcome: 'added', at: reply.now };
    for (const { resolve } of pending) resolve(added);
  }

  async #storeGiven(lane: Lane, { pending, isAtomic }: Batch): Promise<void> {
    const args = { now: this.#queue.now, atomic: isAtomic ? 1 : 0, rows: toRows(pending) };
    const reply = await lane.call(scripts.addGiven, args, idsOf(pending));
    if (reply.code === 'UPGRADE') throw this.#queue.upgradeRequired(`features "${reply.bits}"`);
    if (reply.code === 'REFUSED') throw this.#refusal(pending[reply.row - 1]?.draft.id ?? '', reply.fate);
    const odd = new Map(reply.odd === '' ? [] : reply.odd.split(',').map((row) => [parseInt(row, 10), row.at(-1)]));
    pending.forEach(({ draft, resolve, reject }, index) => {
      const fate = odd.get(index + 1);
      if (fate === 'C' || fate === 'L') reject(this.#refusal(draft.id, fate));
      else resolve({ outcome: fate === 'K' ? 'kept' : fate === 'R' ? 'replaced' : 'added', at: reply.now });
    });
  }

  #refusal(id: string, fate: string): Error {
    return fate === 'L'
      ? new JobActiveError(this.#queue.name, id, 'replaced')
      : new JobConflictError(this.#queue.name, id);
  }
}

/** Those who share a call by chance are told each of their own job. */
function ofOneJob(error: unknown, id: string): unknown {
  if (!OutcomeUnknownError.is(error)) return error;
  return new OutcomeUnknownError(error.queue, 'add', [id], { cause: error.cause });
}

function toRows(pending: readonly Pending[]): string[] {
  const rows: string[] = [];
  for (const { draft } of pending) rows.push(draft.how === '' ? draft.id : `${draft.id}\t${draft.how}`, draft.body);
  return rows;
}

function idsOf(pending: readonly Pending[]): string[] {
  return pending.map(({ draft }) => draft.id);
}
