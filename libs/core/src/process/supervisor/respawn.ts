/** A process that lived so long did not die of its start. */
const STEADY_MS = 10_000;
const FIRST_MS = 500;
const MAX_MS = 30_000;

/** How long to wait before a process is started again: the longer, the more often it died young. */
export class Respawn {
  readonly #random: () => number;
  #young = 0;

  constructor(random = Math.random) {
    this.#random = random;
  }

  /** @param livedMs how long the last one lived */
  delayMs(livedMs: number): number {
    this.#young = livedMs >= STEADY_MS ? 0 : this.#young + 1;
    if (this.#young === 0) return 0;
    // Those that die together are not to start together.
    return Math.min(MAX_MS, FIRST_MS * 2 ** (this.#young - 1)) * (0.75 + 0.25 * this.#random());
  }
}
