/** A timer that was set. */
export interface Timer {
  /** Forgets the timer. Harmless when it fired or was cleared before. */
  clear(): void;
}

/** How a timer is set. */
export interface TimerOptions {
  /** Whether the process may end while the timer is set. @default false */
  readonly unref?: boolean;
  /**
   * Whether the timer only keeps something going (a renewal, a poll), so that it is the same if it fires later. Virtual
   * time does not stop for it: a day would be a hundred thousand stops. @default false
   */
  readonly background?: boolean;
}

/**
 * All that Millrace knows of time in a process: deadlines, polls, batching and waits go through this port, so that a test
 * can move time by hand. What time a job is due, or a lease ends, is decided by the clock of Redis alone.
 */
export interface Clock {
  /** Whether time stands still until it is moved; commands then carry this clock's time to Redis. */
  readonly isVirtual: boolean;
  /** The time of day, in ms since 1970. It can jump. */
  now(): number;
  /** Milliseconds since some moment; never goes back. May stand still while the machine sleeps. */
  monotonic(): number;
  /** Calls `run` once, `delayMs` from now and never before; any length, `Infinity` means never. */
  setTimer(delayMs: number, run: () => void, options?: TimerOptions): Timer;
  /** Calls `run` soon, after the events that wait already. */
  tick(run: () => void): void;
}
