import {
  DependencyCycleError,
  DependencyNotFoundError,
  InvalidOptionError,
  JobActiveError,
  JobConflictError,
} from '../errors/index.js';
import { describeRef } from '../job/job-ref.js';
import { mintedId } from '../job/minted-id.js';
import { mintNonce } from '../job/nonce.js';
import { scripts } from '../redis/index.js';
import { SharedBatch, WholeBatch, type Added, type Batch, type Draft } from './batch.js';
import { Lane } from './lane.js';
import { readOddRows } from './odd-rows.js';
import type { QueueContext } from './queue-context.js';

const LANES = 2;
const OUTCOMES: Readonly<Record<string, Added['outcome']>> = { K: 'kept', D: 'kept', R: 'replaced', S: 'replaced' };
const REFUSED: ReadonlySet<string> = new Set('CLEBMW');
/** Fewer jobs go in one call: a second one costs more than it saves. */
const MIN_SHARED = 32;

/**
 * Collects the jobs that are added at once, or while its calls are in flight, and stores them in one call, with two calls in flight at most: a command
 * a job would cap a process at about 75,000 jobs a second whatever Redis can do.
 */
export class Producer {
  readonly #queue: QueueContext;
  readonly #lanes: readonly Lane[];
  readonly #batches: Batch[] = [];
  readonly #waiters: (() => void)[] = [];
  #open: SharedBatch | undefined;
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

  /** Adds one job, in the same call as others that come with it. */
  add(draft: Draft): Promise<Added> {
    if (this.#open?.takes(draft) === false) this.#seal();
    this.#open ??= new SharedBatch();
    this.#schedule();
    return this.#open.add(draft);
  }

  /** Adds all or none, in one call: as many as the caller thinks good for the server. */
  addAll(drafts: readonly Draft[]): Promise<Added[]> {
    this.#seal();
    const batch = new WholeBatch(drafts);
    this.#batches.push(batch);
    this.#schedule();
    return batch.added;
  }

  /** Resolves when all that was added so far has been answered. */
  async settled(): Promise<void> {
    if (this.#isIdle) return;
    await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  get #isIdle(): boolean {
    return this.#open === undefined && this.#batches.length === 0 && !this.#lanes.some((lane) => lane.isBusy);
  }

  /** @param isShared among all lanes: Redis stores the first part while the second is being written */
  #seal(isShared = false): void {
    if (this.#open === undefined) return;
    const second = isShared && this.#open.size >= MIN_SHARED ? this.#open.split() : undefined;
    this.#batches.push(this.#open);
    if (second !== undefined) this.#batches.push(second);
    this.#open = undefined;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // After all that runs now: jobs added one after the other share a call. Not at the end of the turn of the event loop:
    // who adds a single job would wait for it, and where many do, the lanes are busy and gather them anyway.
    process.nextTick(() => {
      this.#isScheduled = false;
      this.#send();
    });
  }

  #send(): void {
    for (const lane of this.#lanes) {
      if (lane.isBusy) continue;
      if (this.#batches.length === 0) this.#seal(this.#lanes.every(({ isBusy }) => !isBusy));
      const batch = this.#batches.shift();
      if (batch === undefined) break;
      this.#hand(lane, batch);
    }
    if (this.#isIdle) for (const resolve of this.#waiters.splice(0)) resolve();
  }

  /** To a worker of this process, if one can use the jobs: it asks for them in the same breath. Else Redis wakes one. */
  #hand(lane: Lane, batch: Batch): void {
    const { arrivals, link } = this.#queue.connection;
    const taker = batch.isDue && this.#queue.isReady ? arrivals.taker(this.#queue.base) : undefined;
    if (taker === undefined) return this.#store(lane, batch, 0);
    link.together(() => {
      this.#store(lane, batch, taker.wants);
      taker.take();
    });
  }

  /** @param own for how many jobs a worker of this process asks, so that no other need be woken */
  #store(lane: Lane, batch: Batch, own: number): void {
    const stored = batch.needsChecks ? this.#storeChecked(lane, batch) : this.#storeMinted(lane, batch, own);
    stored.then(
      () => this.#send(),
      (error: unknown) => {
        batch.reject(error);
        this.#send();
      },
    );
  }

  async #storeMinted(lane: Lane, batch: Batch, own: number): Promise<void> {
    const { now } = this.#queue;
    const reply = await lane.call(
      scripts.add,
      ({ laneId, seq }) => ({ now, laneId, seq, own, rows: batch.rows }),
      () => batch.ids,
    );
    if (reply.code === 'UPGRADE') throw this.#queue.upgradeRequired(`features "${reply.bits}"`);
    const added: Added = { outcome: 'added', at: reply.now };
    batch.settle(() => added);
  }

  async #storeChecked(lane: Lane, batch: Batch): Promise<void> {
    const { now } = this.#queue;
    const atomic = batch.isAtomic ? 1 : 0;
    const reply = await lane.call(
      scripts.addChecked,
      ({ laneId, seq }) => ({ now, laneId, seq, atomic, rows: batch.rows }),
      () => batch.ids,
    );
    if (reply.code === 'UPGRADE') throw this.#queue.upgradeRequired(`features "${reply.bits}"`);
    if (reply.code === 'REFUSED') throw this.#refusal(batch.drafts[reply.row - 1]!.id, reply.fate, reply.other);
    const odd = readOddRows(reply.odd, reply.others);
    batch.settle((index) => {
      const { fate = '', other, state } = odd.get(index + 1) ?? {};
      if (REFUSED.has(fate)) return this.#refusal(batch.drafts[index]!.id, fate, other);
      const added: Added = { outcome: OUTCOMES[fate] ?? 'added', at: reply.now };
      if (state !== undefined) return { ...added, became: state === 'b' ? 'blocked' : 'ended' };
      return added.outcome === 'kept' && other !== undefined ? { ...added, keptId: other } : added;
    });
  }

  /** @param other the job that holds the unique key, the dependency that is not there, or the one that waits for the job */
  #refusal(row: string, fate: string, other = ''): Error {
    const { name } = this.#queue;
    if (fate === 'W' && other === '') {
      const expected = 'jobs that wait for at most 1,000 others in all, so that a cycle shows';
      return new InvalidOptionError({ where: `add('${name}')`, path: 'dependsOn', value: row, expected });
    }
    if (fate === 'W') {
      const between = other === row ? [] : [describeRef(other, name)];
      return new DependencyCycleError(name, [row, ...between, row]);
    }
    if (fate === 'M') return new DependencyNotFoundError(name, row, describeRef(other, name));
    const id = other === '' ? row : other;
    if (fate === 'L' || fate === 'B') return new JobActiveError(name, id, 'replaced');
    return new JobConflictError(name, id, fate === 'E' ? 'unique' : 'id');
  }
}
