import { SystemClock, type Timer, type TimerOptions } from '../../../libs/core/src/clock/index.ts';

/** Notes for how long timers in the background are set. */
export class NotingClock extends SystemClock {
  readonly delays: number[] = [];

  override setTimer(delayMs: number, run: () => void, options?: TimerOptions): Timer {
    if (options?.background === true) this.delays.push(delayMs);
    return super.setTimer(delayMs, run, options);
  }
}
