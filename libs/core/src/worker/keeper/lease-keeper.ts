import type { KeeperPort } from './keeper-port.js';
import type { Timer } from '../../clock/index.js';
import { Keeping } from './keeping.js';
import type { KeptEpoch } from './messages.js';

/** How often the main thread is looked after, in ms. */
const WATCH_MS = 200;

/** Keeps the leases of one process: renews them, and acts for a main thread that cannot. */
export class LeaseKeeper {
  readonly #port: KeeperPort;
  readonly #kept = new Map<number, Keeping>();
  #watch: Timer | undefined;

  constructor(port: KeeperPort) {
    this.#port = port;
    if (port.heartbeat !== undefined) this.#scheduleWatch();
  }

  keep(epoch: KeptEpoch): void {
    this.#kept.set(epoch.number, new Keeping(epoch, this.#port, () => this.forget(epoch.number)));
  }

  /** Renews at once: what the answer tells is wanted now. */
  look(number: number): void {
    this.#kept.get(number)?.look();
  }

  forget(number: number): void {
    this.#kept.get(number)?.stop();
    this.#kept.delete(number);
  }

  /** Stops keeping all of them. */
  stop(): void {
    this.#watch?.clear();
    for (const number of [...this.#kept.keys()]) this.forget(number);
  }

  /** One for all epochs: a worker of ten thousand queues has as many. */
  #scheduleWatch(): void {
    this.#watch = this.#port.clock.setTimer(WATCH_MS, () => {
      this.#scheduleWatch();
      for (const keeping of this.#kept.values()) keeping.watch();
    });
  }
}
