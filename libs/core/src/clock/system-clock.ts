import type { Clock, Timer, TimerOptions } from './clock.js';

/** The longest delay that setTimeout takes; a longer one would fire at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** The clock of this machine. */
export class SystemClock implements Clock {
  readonly isVirtual = false;

  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  setTimer(delayMs: number, run: () => void, options?: TimerOptions): Timer {
    return new SystemTimer(delayMs, run, options?.unref === true);
  }

  tick(run: () => void): void {
    setImmediate(run);
  }
}

/** A timer of any length, made of timeouts of the length that there is. */
class SystemTimer implements Timer {
  #handle: NodeJS.Timeout | undefined;

  constructor(delayMs: number, run: () => void, unref: boolean) {
    if (Number.isNaN(delayMs)) throw new RangeError('A timer cannot be set for NaN ms.');
    this.#arm(Math.max(0, delayMs), run, unref);
  }

  clear(): void {
    clearTimeout(this.#handle);
  }

  #arm(delayMs: number, run: () => void, unref: boolean): void {
    this.#handle =
      delayMs <= MAX_TIMEOUT_MS
        ? setTimeout(run, delayMs)
        : setTimeout(() => this.#arm(delayMs - MAX_TIMEOUT_MS, run, unref), MAX_TIMEOUT_MS);
    if (unref) this.#handle.unref();
  }
}
