import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';

import { sleep } from './sleep.js';
import { VirtualClock } from './virtual-clock.js';

describe('VirtualClock', () => {
  it('stands still until it is moved', async () => {
    const clock = new VirtualClock({ now: 1_000 });
    const run = jest.fn();
    clock.setTimer(0, run);
    await new Promise((resolve) => setImmediate(resolve));
    expect(run).not.toHaveBeenCalled();
    expect([clock.now(), clock.monotonic(), clock.pendingTimers]).toEqual([1_000, 0, 1]);
    await clock.advance(0);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('walks from due time to due time', async () => {
    const clock = new VirtualClock({ now: 0 });
    const seen: [string, number][] = [];
    const every = (name: string, ms: number): void => {
      clock.setTimer(ms, () => {
        seen.push([name, clock.now()]);
        every(name, ms);
      });
    };
    every('a', 10);
    every('b', 25);
    await clock.advance(50);
    expect(seen).toEqual([
      ['a', 10],
      ['a', 20],
      ['b', 25],
      ['a', 30],
      ['a', 40],
      ['b', 50],
      ['a', 50],
    ]);
    expect(clock.now()).toBe(50);
  });

  it('passes over timers of the background, which fire once, before the next stop', async () => {
    const clock = new VirtualClock({ now: 0 });
    const seen: [string, number][] = [];
    const renew = (): void => {
      seen.push(['renewal', clock.now()]);
      clock.setTimer(10_000, renew, { background: true });
    };
    renew();
    clock.setTimer(3_600_000, () => seen.push(['job', clock.now()]));
    await clock.advance('1d');
    await clock.advance(9_999);
    await clock.advance(1);
    const day = 86_400_000;
    expect(seen).toEqual([
      ['renewal', 0],
      ['renewal', 3_600_000],
      ['job', 3_600_000],
      ['renewal', day],
      ['renewal', day + 10_000],
    ]);
  });

  it('lets what a timer started come to rest before time goes on', async () => {
    let inMotion = 0;
    const settle = async (): Promise<void> => {
      while (inMotion > 0) await new Promise((resolve) => setImmediate(resolve));
    };
    const clock = new VirtualClock({ now: 0, settle });
    const log: string[] = [];
    const work = async (name: string): Promise<void> => {
      inMotion += 1;
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      log.push(`${name} done at ${clock.now()}`);
      inMotion -= 1;
    };
    clock.setTimer(10, () => void work('first'));
    clock.setTimer(20, () => void work('second'));
    await clock.advance(20);
    expect(log).toEqual(['first done at 10', 'second done at 20']);
  });

  it('fires timers that others set on the way', async () => {
    const clock = new VirtualClock({ now: 0 });
    const log: number[] = [];
    const nap = async (): Promise<void> => {
      for (let step = 0; step < 3; step++) {
        await sleep(clock, 60_000);
        log.push(clock.now());
      }
    };
    const napping = nap();
    await clock.advance('1h');
    await napping;
    expect(log).toEqual([60_000, 120_000, 180_000]);
  });

  it('forgets a timer that was cleared', async () => {
    const clock = new VirtualClock();
    const run = jest.fn();
    const timer = clock.setTimer(5, run);
    timer.clear();
    timer.clear();
    await clock.advance(10);
    expect(run).not.toHaveBeenCalled();
    expect(clock.nextTimerAt).toBeUndefined();
  });

  it('does one advance after the other', async () => {
    const clock = new VirtualClock({ now: 0 });
    await Promise.all([clock.advance(5), clock.advance('1s'), clock.advance(5)]);
    expect(clock.now()).toBe(1_010);
  });

  it('passes on what a timer throws, and goes on afterwards', async () => {
    const clock = new VirtualClock({ now: 0 });
    clock.setTimer(5, () => {
      throw new Error('in a timer');
    });
    await expect(clock.advance(10)).rejects.toThrow('in a timer');
    expect(clock.now()).toBe(5);
    await clock.advance(10);
    expect(clock.now()).toBe(15);
  });

  it('ends a walk that would never end', async () => {
    const clock = new VirtualClock({ settle: () => Promise.resolve() });
    const again = (): void => void clock.setTimer(0, again);
    again();
    await expect(clock.advance(1)).rejects.toThrow('sets itself again without delay');
  });

  it.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
    ['250 ms', 250],
    [12, 12],
  ])('takes %p', async (duration, ms) => {
    const clock = new VirtualClock();
    await clock.advance(duration);
    expect(clock.monotonic()).toBe(ms);
  });

  it.each(['', 'soon', '1 week', '-1s', -1, NaN, Infinity])('refuses to advance by %p', (duration) => {
    expect(() => new VirtualClock().advance(duration)).toThrow(RangeError);
  });

  it('fires each timer once, in order and at its time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 1_000 })),
        fc.array(fc.nat({ max: 500 }), { minLength: 1, maxLength: 4 }),
        async (delays, steps) => {
          const clock = new VirtualClock({ now: 0, settle: () => Promise.resolve() });
          const fired: [number, number][] = [];
          delays.forEach((delay, index) => clock.setTimer(delay, () => fired.push([clock.now(), index])));
          for (const step of steps) await clock.advance(step);
          const due = delays
            .map((delay, index): [number, number] => [delay, index])
            .filter(([delay]) => delay <= clock.now());
          expect(fired).toEqual(due.sort(([a, i], [b, j]) => a - b || i - j));
        },
      ),
    );
  });
});
