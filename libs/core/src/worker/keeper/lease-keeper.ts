import type { Clock, Timer } from '../../clock/index.js';
import { mintNonce } from '../../job/nonce.js';
import { scripts } from '../../redis/index.js';
import type { ScriptRunner } from '../../redis/index.js';
import { HoldTable } from '../hold-table.js';
import { Permit, type Clocks } from '../permit.js';
import { BEAT_MS, type Heartbeat } from './heartbeat.js';
import type { FromKeeper, KeptDeadline, KeptEpoch } from './messages.js';

/** What the keeper needs around it; the same in a thread of its own and in the main one. */
export interface KeeperPort {
  readonly scripts: ScriptRunner;
  readonly clock: Clock;
  /** The clocks of permits, shared by the threads of the process. */
  readonly clocks: Clocks;
  readonly heartbeat: Heartbeat;
  tell(message: FromKeeper): void;
}

/** How much later than the main thread the keeper ends an attempt: the main one does it better. */
const DEADLINE_GRACE_MS = BEAT_MS;

/** How soon a renewal that failed is tried again. */
const RETRY_MS = 500;

/** Keeps the leases of one process: renews them, and acts for a main thread that cannot. */
export class LeaseKeeper {
  readonly #port: KeeperPort;
  readonly #kept = new Map<number, Keeping>();

  constructor(port: KeeperPort) {
    this.#port = port;
  }

  keep(epoch: KeptEpoch): void {
    this.#kept.set(epoch.number, new Keeping(epoch, this.#port, () => this.forget(epoch.number)));
  }

  forget(number: number): void {
    this.#kept.get(number)?.stop();
    this.#kept.delete(number);
  }

  enforce(deadline: KeptDeadline): void {
    this.#kept.get(deadline.epoch)?.enforce(deadline);
  }

  /** Stops keeping all of them. */
  stop(): void {
    for (const number of [...this.#kept.keys()]) this.forget(number);
  }
}

/** The keeping of one epoch. */
class Keeping {
  readonly #epoch: KeptEpoch;
  readonly #port: KeeperPort;
  readonly #permit: Permit;
  readonly #table: HoldTable;
  readonly #onGone: () => void;
  readonly #stopped = new AbortController();
  /** By the place of the hold: a deadline that is moved takes the place of the one before. */
  readonly #deadlines = new Map<number, Timer>();
  #leaseMs: number;
  #renewal: Timer | undefined;
  #watch: Timer | undefined;
  // Not the slot of a keeper before this one, whose numbers would be higher.
  readonly #slot = `k${mintNonce().slice(0, 4)}`;
  #seq = 0;
  #lastCall: Promise<void> = Promise.resolve();
  #hasLetGo = false;

  constructor(epoch: KeptEpoch, port: KeeperPort, onGone: () => void) {
    this.#epoch = epoch;
    this.#port = port;
    this.#permit = new Permit(port.clocks, epoch.permit);
    this.#table = new HoldTable(epoch.table);
    this.#onGone = onGone;
    this.#leaseMs = this.#permit.leaseMs;
    this.#scheduleRenewal(this.#leaseMs / 3);
    this.#scheduleWatch();
  }

  stop(): void {
    this.#stopped.abort();
    this.#renewal?.clear();
    this.#watch?.clear();
    for (const timer of this.#deadlines.values()) timer.clear();
  }

  /** Ends the attempt at its deadline, if the main thread is blocked and has not done it. */
  enforce({ place, word, inMs, code }: KeptDeadline): void {
    const timer = this.#port.clock.setTimer(
      inMs + DEADLINE_GRACE_MS,
      () => {
        this.#deadlines.delete(place);
        const { id, token } = this.#table.facts(place);
        if (!this.#table.take(place, word)) return;
        this.#handIn([id, code]);
        this.#port.tell({ type: 'timedOut', epoch: this.#epoch.number, id, token });
      },
      { unref: true },
    );
    this.#deadlines.get(place)?.clear();
    this.#deadlines.set(place, timer);
  }

  #scheduleRenewal(inMs: number): void {
    this.#renewal?.clear();
    this.#renewal = this.#port.clock.setTimer(inMs, () => void this.#renew(), { background: true });
  }

  async #renew(): Promise<void> {
    const blockedMs = this.#port.heartbeat.silentMs;
    if (blockedMs > this.#epoch.blockedLimitMs) return this.#letGo(blockedMs);
    const { number, id: epoch, base } = this.#epoch;
    const lease = this.#leaseMs;
    try {
      const sent = this.#permit.stamp();
      const { received, pause } = this.#permit;
      const reply = await this.#port.scripts.run(
        scripts.renew,
        base,
        { now: this.#now, epoch, lease, received, pause },
        { timeoutMs: Math.max(50, lease / 3) },
      );
      if (this.#stopped.signal.aborted) return;
      if (reply.code === 'EPOCH_GONE') {
        this.#port.tell({ type: 'gone', epoch: number });
        return this.#onGone();
      }
      this.#permit.renewed(sent, lease);
      if (reply.lease > 0) this.#leaseMs = reply.lease;
      // Another length counts from the renewal on that tells Redis of it: until then the lease is as short as it was.
      this.#scheduleRenewal(this.#leaseMs === lease ? lease / 3 : 0);
      this.#port.tell({
        type: 'renewed',
        epoch: number,
        leaseMs: lease,
        pause: reply.pause,
        bits: reply.bits,
        taken: reply.taken,
      });
    } catch {
      // Redis is away or refuses: the permit runs out by itself meanwhile.
      if (!this.#stopped.signal.aborted) this.#scheduleRenewal(Math.min(RETRY_MS, lease / 10));
    }
  }

  /** A handler has blocked the event loop past the limit: its jobs may run again elsewhere. */
  #letGo(blockedMs: number): void {
    if (!this.#hasLetGo) this.#port.tell({ type: 'letGo', epoch: this.#epoch.number, blockedMs });
    this.#hasLetGo = true;
    this.#scheduleRenewal(this.#permit.leaseMs / 3);
  }

  #scheduleWatch(): void {
    const everyMs = Math.min(1_000, Math.max(20, this.#permit.leaseMs / 10));
    this.#watch = this.#port.clock.setTimer(
      everyMs,
      () => {
        const limit = this.#permit.leaseMs / 3;
        if (this.#port.heartbeat.silentMs > limit || this.#permit.unsettledMs > limit) this.#giveBack();
        this.#scheduleWatch();
      },
      { unref: true, background: true },
    );
  }

  /** Jobs that wait in a worker that does nothing go to another, uncharged. */
  #giveBack(): void {
    const ends: string[] = [];
    for (const { place, word } of this.#table.buffered(this.#epoch.number)) {
      const { id, token } = this.#table.facts(place);
      if (!this.#table.take(place, word)) continue;
      ends.push(id, `${token}\tg0\t0\t\t`);
    }
    if (ends.length === 0) return;
    this.#handIn(ends);
    this.#port.tell({ type: 'gaveBack', epoch: this.#epoch.number, count: ends.length / 2 });
  }

  /** In a slot of the keeper's own, one call after the other. */
  #handIn(ends: readonly string[]): void {
    this.#lastCall = this.#lastCall.then(async () => {
      const args = {
        now: this.#now,
        epoch: this.#epoch.id,
        slot: this.#slot,
        seq: ++this.#seq,
        want: 0,
        chunk: 1,
        park: 0,
        received: this.#permit.received,
        ends,
      };
      await this.#port.scripts
        .run(scripts.exchange, this.#epoch.base, args, { repeatUntilAnswered: this.#stopped.signal })
        .catch(() => {});
    });
  }

  get #now(): number | undefined {
    return this.#port.clock.isVirtual ? this.#port.clock.now() : undefined;
  }
}
