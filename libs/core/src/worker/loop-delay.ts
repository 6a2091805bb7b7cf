/** How often the event loop is looked at: what is shorter than this is not noticed. */
const EVERY_MS = 50;

/** Measures how late the event loop is. Real time, whatever the clock of the queue: it is this process that is measured. */
export class LoopDelay {
  #timer: NodeJS.Timeout | undefined;
  #lastAt = 0;
  #longestMs = 0;

  start(): void {
    this.#lastAt = performance.now();
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The longest since it was last asked for, in ms; `undefined` if nobody measures. */
  take(): number | undefined {
    if (this.#timer === undefined) return undefined;
    this.#look();
    const longest = this.#longestMs;
    this.#longestMs = 0;
    return longest;
  }

  #look(): void {
    const now = performance.now();
    this.#longestMs = Math.max(this.#longestMs, Math.round(now - this.#lastAt - EVERY_MS));
    this.#lastAt = now;
  }
}
