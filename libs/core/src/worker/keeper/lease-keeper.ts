import type { KeeperPort } from './keeper-port.js';
import { Keeping } from './keeping.js';
import type { KeptEpoch } from './messages.js';

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
    for (const number of [...this.#kept.keys()]) this.forget(number);
  }
}
