import type { Clock, Timer } from '@millrace/core';

/** Hands on the latest of many values, at most one in each interval, and never two at a time. */
export class ProgressThrottle {
  readonly #report: (value: unknown) => Promise<void>;
  readonly #intervalMs: number;
  readonly #clock: Clock;
  #latest: { readonly value: unknown } | undefined;
  #timer: Timer | undefined;
  #isReporting = false;

  constructor(report: (value: unknown) => Promise<void>, intervalMs: number, clock: Clock) {
    this.#report = report;
    this.#intervalMs = intervalMs;
    this.#clock = clock;
  }

  /** Reports the value now or later, unless a newer one comes first. */
  offer(value: unknown): void {
    this.#latest = { value };
    this.#next();
  }

  /** Forgets what was not reported. */
  stop(): void {
    this.#latest = undefined;
    this.#timer?.clear();
  }

  #next(): void {
    if (this.#latest === undefined || this.#timer !== undefined || this.#isReporting) return;
    const { value } = this.#latest;
    this.#latest = undefined;
    this.#isReporting = true;
    this.#timer = this.#clock.setTimer(this.#intervalMs, () => {
      this.#timer = undefined;
      this.#next();
    });
    void this.#report(value).finally(() => {
      this.#isReporting = false;
      this.#next();
    });
  }
}
