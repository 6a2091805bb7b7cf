import { sleep, type Clock } from '../clock/index.js';

/** Wakes one waiter; a ring while nobody waits is remembered. */
export class Bell {
  readonly #clock: Clock;
  #rang = false;
  #waiting: AbortController | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#rang = true;
    this.#waiting?.abort();
  }

  /** Resolves when it rings, or has rung since the last wait; at the latest after `ms`. */
  async wait(ms: number): Promise<void> {
    if (!this.#rang) {
      this.#waiting = new AbortController();
      await sleep(this.#clock, ms, { signal: this.#waiting.signal, background: true }).catch(() => {});
      this.#waiting = undefined;
    }
    this.#rang = false;
  }
}
