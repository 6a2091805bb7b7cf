import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { sleep } from './sleep.js';
import { SystemClock } from './system-clock.js';

const clock = new SystemClock();
const DAY_MS = 86_400_000;

describe('SystemClock', () => {
  it('tells the time of day, and a time that never goes back', () => {
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
    const before = clock.monotonic();
    expect(clock.monotonic()).toBeGreaterThanOrEqual(before);
  });

  it('calls back after the events that wait already', async () => {
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      clock.tick(() => {
        order.push('tick');
        resolve();
      });
      void Promise.resolve().then(() => order.push('microtask'));
    });
    expect(order).toEqual(['microtask', 'tick']);
  });

  it('fires soon for a delay of 0 and less', async () => {
    await new Promise<void>((resolve) => void clock.setTimer(-5, resolve));
  });

  it('refuses NaN', () => {
    expect(() => clock.setTimer(NaN, () => undefined)).toThrow(RangeError);
  });

  describe('with the timers of the process under control', () => {
    beforeEach(() => void jest.useFakeTimers());
    afterEach(() => void jest.useRealTimers());

    it.each([25, 365, 3_653])('fires %i days later, not at once [case:T8]', (days) => {
      const run = jest.fn();
      clock.setTimer(days * DAY_MS, run);
      jest.advanceTimersByTime(days * DAY_MS - 1);
      expect(run).not.toHaveBeenCalled();
      jest.advanceTimersByTime(1);
      expect(run).toHaveBeenCalledTimes(1);
      expect(jest.getTimerCount()).toBe(0);
    });

    it('never fires for Infinity', () => {
      const run = jest.fn();
      const timer = clock.setTimer(Infinity, run);
      jest.advanceTimersByTime(3_653 * DAY_MS);
      expect(run).not.toHaveBeenCalled();
      timer.clear();
      expect(jest.getTimerCount()).toBe(0);
    });

    it('forgets a timer, in the middle of a long one too', () => {
      const run = jest.fn();
      const timer = clock.setTimer(60 * DAY_MS, run);
      jest.advanceTimersByTime(30 * DAY_MS);
      timer.clear();
      timer.clear();
      expect(jest.getTimerCount()).toBe(0);
      jest.advanceTimersByTime(60 * DAY_MS);
      expect(run).not.toHaveBeenCalled();
    });
  });
});

describe('sleep', () => {
  it('resolves later', async () => {
    const before = clock.monotonic();
    await sleep(clock, 5);
    expect(clock.monotonic() - before).toBeGreaterThanOrEqual(4);
  });

  it('ends when its signal aborts, and leaves no timer', async () => {
    const stop = new AbortController();
    const sleeping = sleep(clock, DAY_MS, { signal: stop.signal });
    stop.abort(new Error('shutdown'));
    await expect(sleeping).rejects.toThrow('shutdown');
    await expect(sleep(clock, DAY_MS, { signal: stop.signal })).rejects.toThrow('shutdown');
  });
});
