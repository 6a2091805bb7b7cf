import { encodeError, JobTimeoutError } from '../../errors/index.js';
import { mintNonce } from '../../job/nonce.js';
import { scripts } from '../../redis/index.js';
import { CallBoard } from '../call-board.js';
import { MAX_ENDS } from '../end-queue.js';
import { encodeEnding, GIVE_BACK, type Ending } from '../ending.js';
import { HoldTable } from '../hold-table.js';
import type { Permit } from '../permit.js';
import { BEAT_MS, type Heartbeat } from './heartbeat.js';
import type { KeeperPort } from './keeper-port.js';
import type { KeptEpoch } from './messages.js';

/** A main thread that lives ends its attempts at their deadlines itself, and does it better. */
const DEADLINE_GRACE_MS = BEAT_MS;
/** Beats come late where a machine is busy: three that are missing are a silence. */
const MIN_SILENCE_MS = 3 * BEAT_MS;

/** How often jobs of calls that nobody reads are looked for. */
const RELEASE_EVERY_MS = 1_000;

/**
 * Does for a blocked main thread what cannot wait: gives back what was leased and has not started, once that thread, or
 * its connection, has been silent for a third of the lease; and ends attempts that have passed their own deadline.
 */
export class StandIn {
  readonly #epoch: KeptEpoch;
  readonly #permit: Permit;
  readonly #port: KeeperPort;
  readonly #heartbeat: Heartbeat;
  readonly #table: HoldTable;
  readonly #calls: CallBoard;
  readonly #stopped = new AbortController();
  // Not the slot of a keeper before this one, whose numbers would be higher.
  readonly #slot = `k${mintNonce()}`;
  /** Ids of what is being handed in: the main thread may have forgotten them, and Redis not know yet. */
  readonly #handedIn = new Set<string>();
  #seq = 0;
  #lastCall: Promise<unknown> = Promise.resolve();
  #releasedAt = -Infinity;

  constructor(epoch: KeptEpoch, permit: Permit, port: KeeperPort, heartbeat: Heartbeat) {
    this.#epoch = epoch;
    this.#permit = permit;
    this.#port = port;
    this.#heartbeat = heartbeat;
    this.#table = new HoldTable(epoch.table);
    this.#calls = new CallBoard(epoch.calls);
  }

  stop(): void {
    this.#stopped.abort();
  }

  /** To be called again and again. */
  watch(): void {
    this.#endOverdue();
    if (!this.#isSilent) return;
    this.#giveBack();
    this.#releaseUnread();
  }

  get #isSilent(): boolean {
    const limit = Math.max(this.#permit.leaseMs / 3, MIN_SILENCE_MS);
    const oldestAt = this.#calls.oldestAt ?? Infinity;
    return this.#heartbeat.silentMs > limit || this.#port.clocks.monotonic() - oldestAt > limit;
  }

  #giveBack(): void {
    const ends: string[] = [];
    for (const hold of this.#table.buffered(this.#epoch.number)) {
      const { id, token } = this.#table.facts(hold.place);
      if (this.#table.take(hold)) ends.push(id, encodeEnding(token, '', GIVE_BACK, false));
    }
    if (ends.length === 0) return;
    for (let from = 0; from < ends.length; from += 2 * MAX_ENDS)
      void this.#handIn(ends.slice(from, from + 2 * MAX_ENDS));
    this.#port.tell({ type: 'gaveBack', epoch: this.#epoch.number, count: ends.length / 2 });
  }

  /** Jobs of calls whose answers nobody reads are held by Redis, and known to nobody here. */
  #releaseUnread(): void {
    const now = this.#port.clocks.monotonic();
    if (now - this.#releasedAt < RELEASE_EVERY_MS) return;
    const calls = this.#calls.revoke();
    if (calls.length === 0) return;
    this.#releasedAt = now;
    const settled = calls.flatMap(({ slot, seq }) => [String(slot), String(seq)]);
    const known = [...this.#table.ids(this.#epoch.number), ...this.#handedIn];
    const args = { now: undefined, epoch: this.#epoch.id, settled, known };
    this.#port.scripts.run(scripts.reconcile, this.#epoch.base, args).then(
      (reply) => {
        if (reply.code !== 'OK' || reply.released === 0) return;
        this.#port.tell({ type: 'gaveBack', epoch: this.#epoch.number, count: reply.released });
      },
      () => {
        // The next look does it again.
      },
    );
  }

  #endOverdue(): void {
    const before = this.#port.clocks.monotonic() - DEADLINE_GRACE_MS;
    for (const hold of this.#table.overdue(this.#epoch.number, before)) {
      const { id, token } = this.#table.facts(hold.place);
      const { timeoutMs, delayMs, name } = this.#table.deadline(hold.place);
      if (!this.#table.take(hold)) continue;
      const kind = 'timeout';
      const body = encodeError(new JobTimeoutError(this.#epoch.queue, id, timeoutMs), kind);
      const ending: Ending =
        delayMs === undefined
          ? { letter: 't', durationMs: timeoutMs, kind, body }
          : { letter: 'r', durationMs: timeoutMs, kind, delayMs, body };
      void this.#handIn([id, encodeEnding(token, name, ending, true)]).then((isAccepted) => {
        this.#port.tell({ type: 'timedOut', epoch: this.#epoch.number, id, token, isAccepted });
      });
    }
  }

  /** In a slot of its own, one call after the other. Resolves to whether all of it counted; `undefined`: nobody knows. */
  #handIn(ends: readonly string[]): Promise<boolean | undefined> {
    const ids = ends.filter((_, index) => index % 2 === 0);
    for (const id of ids) this.#handedIn.add(id);
    const call = this.#lastCall.then(async () => {
      const args = {
        now: undefined,
        epoch: this.#epoch.id,
        slot: this.#slot,
        seq: ++this.#seq,
        want: 0,
        chunk: 1,
        park: 0,
        received: this.#permit.received,
        ends,
      };
      const options = { repeatUntilAnswered: this.#stopped.signal };
      const reply = await this.#port.scripts.run(scripts.exchange, this.#epoch.base, args, options);
      return reply.code === 'OK' ? reply.refused === '' : undefined;
    });
    this.#lastCall = call
      .catch(() => {})
      .finally(() => {
        for (const id of ids) this.#handedIn.delete(id);
      });
    // What cannot be handed in ends with the lease.
    return call.catch(() => undefined);
  }
}
