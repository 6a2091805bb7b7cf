import { describe, expect, it } from '@jest/globals';

import { resolveScheduleOptions, type ScheduleOptions } from '../options/index.js';
import { firstTime, nextTimeAfterChange, nextTimeAfterPause, planFiring, timesToCome } from './timing.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.parse('2026-06-01T10:20:00Z');
const of = (options: ScheduleOptions) => resolveScheduleOptions(options, 'a test');
const breathe = async (): Promise<void> => {};
const hourly = { cron: '0 * * * *' } as const;
const at = (text: string): number => Date.parse(`2026-06-01T${text}:00Z`);

describe('the first time', () => {
  it.each<[string, ScheduleOptions, number]>([
    ['of an interval is one interval from now', { everyMs: HOUR }, NOW + HOUR],
    ['of an interval is startAt', { everyMs: HOUR, startAt: at('23:00') }, at('23:00')],
    ['of an interval that began long ago keeps its beat', { everyMs: HOUR, startAt: at('03:07') }, at('11:07')],
    ['of a pattern is the next one', hourly, at('11:00')],
    ['of a pattern may be startAt itself', { ...hourly, startAt: at('15:00') }, at('15:00')],
    ['is none behind endAt', { ...hourly, endAt: at('10:30') }, 0],
    ['is later than now', { everyMs: HOUR, startAt: NOW }, NOW + HOUR],
  ])('%s', (_, options, expected) => {
    expect(firstTime(of(options), NOW)).toBe(expected);
  });
});

describe('the times of an outage of three hours', () => {
  const due = { at: at('08:00'), count: 0 };

  it.each<[string, ScheduleOptions, string[], string]>([
    ['all', { ...hourly, missed: 'all' }, ['08:00', '09:00', '10:00'], '11:00'],
    ['all, with a backlog', { ...hourly, missed: 'all', backlog: 2 }, ['09:00', '10:00'], '11:00'],
    ['all, with a larger backlog', { ...hourly, missed: 'all', backlog: 9 }, ['08:00', '09:00', '10:00'], '11:00'],
    ['last', { ...hourly, missed: 'last' }, ['10:00'], '11:00'],
    ['skip', { ...hourly, missed: 'skip' }, [], '11:00'],
    ['skip, and the last is not late yet', { ...hourly, missed: 'skip', missedAfterMs: HOUR }, ['10:00'], '11:00'],
    ['all of an interval', { everyMs: HOUR, missed: 'all' }, ['08:00', '09:00', '10:00'], '11:00'],
    ['all of an interval, with a backlog', { everyMs: HOUR, missed: 'all', backlog: 1 }, ['10:00'], '11:00'],
    ['all up to an end', { ...hourly, missed: 'all', endAt: at('09:30') }, ['08:00', '09:00'], ''],
    ['last before an end', { ...hourly, endAt: at('09:30') }, ['09:00'], ''],
  ])('missed: %s [seed:Q17, case:T10]', async (_, options, times, next) => {
    const plan = await planFiring(of(options), due, NOW, breathe);
    expect(plan).toEqual({ times: times.map(at), nextAt: next === '' ? 0 : at(next) });
  });

  it('are met a hundred at a time, each once', async () => {
    const timing = of({ cron: '* * * * * *', missed: 'all' });
    const met: number[] = [];
    let next = NOW - 250_000;
    while (next <= NOW) {
      const plan = await planFiring(timing, { at: next, count: met.length }, NOW, breathe);
      expect(plan.times.length).toBeLessThanOrEqual(100);
      met.push(...plan.times);
      next = plan.nextAt;
    }
    expect(met).toEqual(Array.from({ length: 251 }, (_, i) => NOW - 250_000 + i * 1_000));
    expect(next).toBe(NOW + 1_000);
  });

  it('are looked for from the end of a long backlog in parts, and other things run in between', async () => {
    const timing = of({ cron: '* * * * * *', missed: 'all', backlog: 1_000 });
    const late = { at: NOW - 5_000_000, count: 0 };
    let breaths = 0;
    const { times, nextAt } = await planFiring(timing, late, NOW, async () => void breaths++);
    expect(breaths).toBe(10);
    expect(times).toEqual(Array.from({ length: 100 }, (_, i) => NOW - (999 - i) * 1_000));
    expect((await planFiring(timing, { at: nextAt, count: 100 }, NOW, breathe)).times[0]).toBe(nextAt);
    const short = of({ cron: '* * * * * *', missed: 'all', backlog: 250 });
    expect((await planFiring(short, late, NOW, breathe)).times[0]).toBe(NOW - 249_000);
    expect((await planFiring(short, { at: NOW - 20_000, count: 0 }, NOW, breathe)).times).toHaveLength(21);
  });

  it('are met no more often than the limit allows', async () => {
    const timing = of({ ...hourly, missed: 'all', limit: 5 });
    expect((await planFiring(timing, { ...due, count: 3 }, NOW, breathe)).times).toHaveLength(2);
  });
});

it('a time that is met late by the look of a worker is not missed', async () => {
  const timing = of({ ...hourly, missed: 'skip' });
  expect((await planFiring(timing, { at: at('10:00'), count: 0 }, at('10:00') + 900, breathe)).times).toEqual([
    at('10:00'),
  ]);
});

describe('the next time of a schedule that is changed [seed:Q18]', () => {
  const was = of({ everyMs: HOUR });
  const change = (options: ScheduleOptions, from = was, now = NOW, progress = { at: at('11:00'), count: 3 }): number =>
    nextTimeAfterChange(of(options), from, progress, now);

  it.each<[string, number, number]>([
    ['stays where only other things change', change({ everyMs: HOUR, missed: 'all' }), at('11:00')],
    ['stays although it is due', change({ everyMs: HOUR, overlap: 'skip' }, was, at('12:30')), at('11:00')],
    ['moves by the difference of the intervals', change({ everyMs: 2 * HOUR }), at('12:00')],
    ['moves back by the difference', change({ everyMs: 50 * MINUTE }), at('10:50')],
    ['is at once where that is over', change({ everyMs: 5 * MINUTE }), NOW + 1],
    ['is new by another pattern', change({ cron: '30 * * * *' }, of(hourly)), at('10:30')],
    ['stays due by a pattern that has it too', change({ cron: '0,30 * * * *' }, of(hourly), at('11:10')), at('11:00')],
    ['is new by a pattern that has it not', change({ cron: '30 * * * *' }, of(hourly), at('11:10')), at('11:30')],
    [
      'is new in another time zone',
      change({ cron: '0 3 * * *', tz: 'Asia/Tokyo' }, of({ cron: '0 3 * * *' })),
      at('18:00'),
    ],
    ['is none behind a new end', change({ everyMs: HOUR, endAt: at('10:30') }), 0],
    ['is none where the limit is reached', change({ everyMs: HOUR, limit: 3 }), 0],
    [
      'comes again where the limit is raised',
      change({ everyMs: HOUR, limit: 9 }, was, NOW, { at: 0, count: 3 }),
      NOW + HOUR,
    ],
  ])('%s', (_, found, expected) => {
    expect(found).toBe(expected);
  });

  it('after a pause is the next one of its beat', () => {
    expect(nextTimeAfterPause(was, { at: at('07:10'), count: 0 }, NOW)).toBe(at('11:10'));
    expect(nextTimeAfterPause(was, { at: at('11:00'), count: 0 }, NOW)).toBe(at('11:00'));
    expect(nextTimeAfterPause(of(hourly), { at: at('07:00'), count: 0 }, NOW)).toBe(at('11:00'));
  });
});

it('the times to come end with the schedule', () => {
  expect(timesToCome(of({ everyMs: HOUR, endAt: at('13:10') }), at('11:00'), 9)).toEqual(
    ['11:00', '12:00', '13:00'].map(at),
  );
  expect(timesToCome(of(hourly), 0, 9)).toEqual([]);
});
