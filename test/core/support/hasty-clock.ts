import { SystemClock, type Timer, type TimerOptions } from '../../../libs/core/src/clock/index.ts';

/** The time of the machine, with timers that wait a tenth of what they are told: for polls and deadlines that are real. */
export class HastyClock extends SystemClock {
  override setTimer(delayMs: number, run: () => void, options?: TimerOptions): Timer {
    return super.setTimer(delayMs / 10, run, options);
  }
}
