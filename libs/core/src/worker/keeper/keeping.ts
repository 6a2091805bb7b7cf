import type { Timer } from '../../clock/index.js';
import { JobsError } from '../../errors/index.js';
import { scripts } from '../../redis/index.js';
import type { RenewReply } from '../../redis/scripts.generated.js';
import { Permit } from '../permit.js';
import type { KeeperPort } from './keeper-port.js';
import type { KeptEpoch } from './messages.js';
import { StandIn } from './stand-in.js';

/** How soon a renewal that failed is tried again, in ms. */
const RETRY_MS = 500;
/** A renewal that takes longer is tried again; a lease can be as short as 100 ms. */
const MIN_CALL_MS = 50;

/** The keeping of one epoch: its lease is renewed at a third of its length. */
export class Keeping {
  readonly #epoch: KeptEpoch;
  readonly #port: KeeperPort;
  readonly #permit: Permit;
  readonly #standIn: StandIn | undefined;
  readonly #onGone: () => void;
  #renewal: Timer | undefined;
  /** What the next renewal asks for; the permit has what was granted last. */
  #leaseMs: number;
  #isRenewing = false;
  #isAskedAgain = false;
  #hasLetGo = false;
  #isRefused = false;
  #isStopped = false;

  constructor(epoch: KeptEpoch, port: KeeperPort, onGone: () => void) {
    this.#epoch = epoch;
    this.#port = port;
    this.#permit = new Permit(port.clocks, epoch.permit);
    this.#leaseMs = this.#permit.leaseMs;
    this.#onGone = onGone;
    if (port.heartbeat !== undefined) this.#standIn = new StandIn(epoch, this.#permit, port, port.heartbeat);
    this.#schedule(this.#permit.leaseMs / 3);
  }

  /** Renews at once; if a renewal is out, again after it, for that one may know less. */
  look(): void {
    if (this.#isRenewing) this.#isAskedAgain = true;
    else void this.#renew();
  }

  /** Looks whether the main thread does what is its own. */
  watch(): void {
    this.#standIn?.watch();
  }

  stop(): void {
    this.#isStopped = true;
    this.#renewal?.clear();
    this.#standIn?.stop();
  }

  #schedule(inMs: number): void {
    this.#renewal = this.#port.clock.setTimer(inMs, () => void this.#renew(), { background: true });
  }

  async #renew(): Promise<void> {
    this.#renewal?.clear();
    this.#isRenewing = true;
    this.#isAskedAgain = false;
    const blockedMs = this.#port.heartbeat?.silentMs ?? 0;
    const nextMs = blockedMs > this.#epoch.blockedLimitMs ? this.#letGo(blockedMs) : await this.#ask();
    this.#isRenewing = false;
    if (this.#isStopped) return;
    if (this.#isAskedAgain || nextMs === 0) void this.#renew();
    else this.#schedule(nextMs);
  }

  /** Asks for a lease, and returns when to ask again. */
  async #ask(): Promise<number> {
    const { id: epoch, base } = this.#epoch;
    const { received, pause } = this.#permit;
    const { clock } = this.#port;
    const lease = this.#leaseMs;
    const args = { now: clock.isVirtual ? clock.now() : undefined, epoch, lease, received, pause };
    const sent = this.#permit.stamp();
    try {
      const reply = await this.#port.scripts.run(scripts.renew, base, args, {
        timeoutMs: Math.max(MIN_CALL_MS, lease / 3),
      });
      if (this.#isStopped) return 0;
      if (reply.code === 'OK') {
        this.#permit.renewed(sent, lease);
        return this.#renewed(reply);
      }
      this.#port.tell({ type: 'gone', epoch: this.#epoch.number });
      this.#onGone();
      return 0;
    } catch (error) {
      // Redis is away or refuses: the permit runs out by itself meanwhile.
      if (JobsError.is(error) && error.code !== 'NO_REDIS') this.#refused(error.message);
      return Math.min(RETRY_MS, lease / 10);
    }
  }

  #renewed({ lease, pause, bits, taken }: Extract<RenewReply, { code: 'OK' }>): number {
    this.#hasLetGo = this.#isRefused = false;
    this.#port.tell({ type: 'renewed', epoch: this.#epoch.number, pause, bits, taken });
    const granted = this.#leaseMs;
    this.#leaseMs = lease > 0 ? lease : this.#epoch.leaseMs;
    // Another length counts from the renewal that tells Redis of it: until then the lease is as long as it was.
    return this.#leaseMs === granted ? granted / 3 : 0;
  }

  #refused(reason: string): void {
    if (!this.#isRefused) this.#port.tell({ type: 'refused', epoch: this.#epoch.number, reason });
    this.#isRefused = true;
  }

  /** A handler has blocked the event loop past the limit: its jobs may run again elsewhere. */
  #letGo(blockedMs: number): number {
    if (!this.#hasLetGo) this.#port.tell({ type: 'letGo', epoch: this.#epoch.number, blockedMs });
    this.#hasLetGo = true;
    return this.#permit.leaseMs / 3;
  }
}
