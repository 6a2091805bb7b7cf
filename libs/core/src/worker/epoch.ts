import { mintNonce } from '../job/nonce.js';
import type { QueueContext } from '../queue/queue-context.js';
import { scripts } from '../redis/index.js';
import type { OpenReply } from '../redis/scripts.generated.js';
import { CallBoard } from './call-board.js';
import { Permit, type Clocks, type Stamp } from './permit.js';

/** The release of the protocol that this worker speaks. */
export const PROTOCOL_VERSION = 1;

/** Without an answer the lease ends by itself: a process that shuts down need not wait for it. */
const CLOSE_TIMEOUT_MS = 2_000;

/** One of the two call numbers of an epoch: a call in it is outstanding or settled. */
export class CallSlot {
  readonly name: number;
  /** Of the last call. */
  seq = 0;
  /** Of the last call whose answer is here. */
  settledSeq = 0;
  isBusy = false;

  constructor(name: number) {
    this.name = name;
  }
}

/** Numbers epochs within this process, for the memory that threads share. */
let count = 0;

/**
 * The identity under which a worker holds jobs of one queue: a random name, used until it is lost or closed and never
 * again. What was leased under another epoch can never be acknowledged under this one.
 */
export class Epoch {
  readonly id = mintNonce();
  readonly number = ++count;
  readonly permit: Permit;
  /** What is out, as the keeper sees it. */
  readonly calls = new CallBoard();
  readonly slots = [new CallSlot(0), new CallSlot(1)] as const;
  readonly #queue: QueueContext;
  readonly #gone = new AbortController();
  /** Answers that brought jobs: all, and those of which it was sure at the last reconciling that nothing has leaked. */
  #leases = 0;
  #reconciled = 0;

  constructor(queue: QueueContext, clocks: Clocks) {
    this.#queue = queue;
    this.permit = new Permit(clocks);
  }

  /** Aborts when the epoch is lost or closed: no call of it can succeed any more. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  get isGone(): boolean {
    return this.#gone.signal.aborted;
  }

  end(): void {
    this.#gone.abort();
  }

  /** A call has been sent in a slot. */
  called(slot: CallSlot, { monotonic }: Stamp): void {
    slot.isBusy = true;
    this.calls.sent(slot.name, slot.seq, monotonic);
  }

  /** The call in a slot is over. False if the keeper has revoked it: the jobs that it leased are not this worker's. */
  over(slot: CallSlot): boolean {
    slot.isBusy = false;
    return this.calls.over(slot.name);
  }

  /** A call has brought jobs. */
  leased(): void {
    this.#leases++;
  }

  /** Opens the epoch in Redis; nothing else creates one. */
  async open(leaseMs: number, info: string): Promise<OpenReply> {
    const sent = this.permit.stamp();
    const args = { now: this.#queue.now, epoch: this.id, version: PROTOCOL_VERSION, lease: leaseMs, info };
    const reply = await this.#queue.run(scripts.open, args, { repeatUntilAnswered: this.gone });
    if (reply.code === 'OK') {
      this.permit.pause = reply.pause;
      this.permit.renewed(sent, leaseMs);
    }
    return reply;
  }

  /** Releases what the server holds for the epoch and this worker does not know of. */
  async reconcile(known: readonly string[]): Promise<void> {
    const leases = this.#leases;
    // Of an epoch that has leased nothing since, the server holds nothing.
    if (known.length === 0 && leases === this.#reconciled && !this.slots.some(({ isBusy }) => isBusy)) return;
    const settled = this.slots.flatMap(({ name, settledSeq }) => [String(name), String(settledSeq)]);
    await this.#queue.run(scripts.reconcile, { now: this.#queue.now, epoch: this.id, settled, known });
    if (known.length === 0) this.#reconciled = leases;
  }

  /** Says what runs, for people: id, token, age in ms, attempt, name of each. */
  async report(rows: readonly string[]): Promise<void> {
    await this.#queue.run(scripts.report, { now: this.#queue.now, epoch: this.id, rows });
  }

  /** Gives back whatever the server holds for the epoch, uncharged, and ends it. */
  async close(): Promise<void> {
    for (let left = 1; left > 0;) {
      const reply = await this.#queue.run(
        scripts.close,
        { now: this.#queue.now, epoch: this.id },
        { timeoutMs: CLOSE_TIMEOUT_MS },
      );
      left = reply.left;
    }
    this.end();
  }
}
