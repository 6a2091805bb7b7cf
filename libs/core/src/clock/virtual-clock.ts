import type { Clock, Timer, TimerOptions } from './clock.js';

/** How a virtual clock is made. */
export interface VirtualClockOptions {
  /** The time at which it starts, in ms since 1970. @default 2026-01-01T00:00:00Z */
  readonly now?: number;
  /**
   * Resolves when nothing is in motion: no handler runs, no call is out. Awaited before each step, so that what one
   * timer started is done before time goes on. @default one turn of the event loop
   */
  readonly settle?: () => Promise<void>;
}

interface VirtualTimer {
  readonly dueAt: number;
  readonly isBackground: boolean;
  readonly run: () => void;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Far more timers than honest code fires without time passing: one that sets itself again with delay 0 would never end. */
const MAX_STEPS_AT_ONE_TIME = 100_000;

/** A clock that stands still until it is moved. For tests: a day passes in milliseconds, every timer at its time. */
export class VirtualClock implements Clock {
  readonly isVirtual = true;
  readonly #settle: () => Promise<void>;
  readonly #startedAt: number;
  #now: number;
  /** By due time; those of one time in the order in which they were set. */
  readonly #timers: VirtualTimer[] = [];
  #advancing: Promise<void> = Promise.resolve();

  constructor({ now = Date.UTC(2026, 0, 1), settle = oneTurn }: VirtualClockOptions = {}) {
    this.#startedAt = now;
    this.#now = now;
    this.#settle = settle;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now - this.#startedAt;
  }

  setTimer(delayMs: number, run: () => void, { background = false }: TimerOptions = {}): Timer {
    if (Number.isNaN(delayMs)) throw new RangeError('A timer cannot be set for NaN ms.');
    const timer = { dueAt: this.#now + Math.ceil(Math.max(0, delayMs)), isBackground: background, run };
    const after = this.#timers.findIndex(({ dueAt }) => dueAt > timer.dueAt);
    this.#timers.splice(after === -1 ? this.#timers.length : after, 0, timer);
    return { clear: () => this.#remove(timer) };
  }

  tick(run: () => void): void {
    setImmediate(run);
  }

  /** How many timers are set. */
  get pendingTimers(): number {
    return this.#timers.length;
  }

  /** When the next timer is due, in ms since 1970. */
  get nextTimerAt(): number | undefined {
    return this.#timers[0]?.dueAt;
  }

  /**
   * Moves time on, stopping at every timer on the way; resolves when the new time is reached and all is quiet. Timers of
   * the background fire late, each once, before the next stop. Calls that overlap follow each other.
   *
   * @param duration ms, or a text such as `'90s'`, `'15m'`, `'1h'`, `'7d'`
   * @throws what a timer threw; time then stands where it was due
   */
  advance(duration: number | string): Promise<void> {
    const ms = toMs(duration);
    const advanced = this.#advancing.then(() => this.#walkTo(this.#now + ms));
    this.#advancing = advanced.catch(() => undefined);
    return advanced;
  }

  async #walkTo(target: number): Promise<void> {
    let stepsAtThisTime = 0;
    for (;;) {
      await this.#settle();
      const stop = this.#timers.find(({ isBackground }) => !isBackground);
      const stopAt = Math.min(stop?.dueAt ?? target, target);
      const late = this.#timers.find(({ isBackground, dueAt }) => isBackground && dueAt <= stopAt);
      const timer = late ?? stop;
      if (timer === undefined || timer.dueAt > target) break;
      stepsAtThisTime = stopAt > this.#now ? 0 : stepsAtThisTime + 1;
      if (stepsAtThisTime > MAX_STEPS_AT_ONE_TIME) {
        throw new Error('Virtual time does not pass: some timer sets itself again without delay.');
      }
      this.#now = Math.max(this.#now, stopAt);
      this.#remove(timer);
      timer.run();
    }
    this.#now = target;
  }

  #remove(timer: VirtualTimer): void {
    const index = this.#timers.indexOf(timer);
    if (index !== -1) this.#timers.splice(index, 1);
  }
}

function toMs(duration: number | string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(String(duration)) ?? [];
  const ms = typeof duration === 'number' ? duration : Number(amount) * (UNITS[unit ?? ''] ?? NaN);
  if (Number.isFinite(ms) && ms >= 0) return Math.round(ms);
  throw new RangeError(
    `Time cannot be advanced by ${String(duration)}: give ms, or a text such as '90s', '15m', '1h', '7d'.`,
  );
}

function oneTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
