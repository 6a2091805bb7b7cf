import { describe, expect, it } from '@jest/globals';

import { cronProblem, CronTimes, isTimeZone } from './cron.js';

/** The times of a pattern from a moment on. */
function timesOf(pattern: string, tz: string, from: string, n: number): string[] {
  const times = new CronTimes(pattern, tz);
  const found: string[] = [];
  let at: number | undefined = Date.parse(from);
  for (let i = 0; i < n && at !== undefined; i++) {
    at = times.after(at);
    if (at !== undefined) found.push(new Date(at).toISOString().replace(':00.000Z', 'Z'));
  }
  return found;
}

describe('a fixed time on a day on which clocks go forward [case:T5]', () => {
  it.each([
    [
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-27T12:00Z',
      ['2026-03-28T01:30Z', '2026-03-29T01:00Z', '2026-03-30T00:30Z'],
    ],
    [
      '0 2 * * *',
      'Europe/Berlin',
      '2026-03-27T12:00Z',
      ['2026-03-28T01:00Z', '2026-03-29T01:00Z', '2026-03-30T00:00Z'],
    ],
    [
      '30 2 * * *',
      'America/New_York',
      '2026-03-06T12:00Z',
      ['2026-03-07T07:30Z', '2026-03-08T07:00Z', '2026-03-09T06:30Z'],
    ],
    [
      '0 0 * * *',
      'America/Santiago',
      '2026-09-04T12:00Z',
      ['2026-09-05T04:00Z', '2026-09-06T04:00Z', '2026-09-07T03:00Z'],
    ],
    [
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-02T12:00Z',
      ['2026-10-02T15:45Z', '2026-10-03T15:30Z', '2026-10-04T15:15Z'],
    ],
  ])('%s in %s is met once, at the jump if it does not exist', (pattern, tz, from, expected) => {
    expect(timesOf(pattern, tz, from, 3)).toEqual(expected);
  });
});

describe('a fixed time on a day on which clocks go back [case:T5]', () => {
  it.each([
    [
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-23T12:00Z',
      ['2026-10-24T00:30Z', '2026-10-25T00:30Z', '2026-10-26T01:30Z'],
    ],
    [
      '30 1 * * *',
      'America/New_York',
      '2026-10-30T12:00Z',
      ['2026-10-31T05:30Z', '2026-11-01T05:30Z', '2026-11-02T06:30Z'],
    ],
    [
      '45 1 * * *',
      'Australia/Lord_Howe',
      '2026-04-03T12:00Z',
      ['2026-04-03T14:45Z', '2026-04-04T14:45Z', '2026-04-05T15:15Z'],
    ],
  ])('%s in %s is met once, the first time', (pattern, tz, from, expected) => {
    expect(timesOf(pattern, tz, from, 3)).toEqual(expected);
  });
});

describe('a pattern of every hour, where clocks change', () => {
  it.each([
    ['*/15 * * * *', 'Europe/Berlin', '2026-10-24T22:00Z', 900_000],
    ['*/15 * * * *', 'Europe/Berlin', '2026-03-28T22:00Z', 900_000],
    ['*/15 * * * * *', 'America/New_York', '2026-11-01T04:00Z', 15_000],
    ['* * * * *', 'America/New_York', '2026-03-08T05:00Z', 60_000],
    ['7 * * * *', 'Europe/Berlin', '2026-10-24T20:07Z', 3_600_000],
  ])('%s in %s goes on without a hole and without a burst [case:T6]', (pattern, tz, from, every) => {
    const times = new CronTimes(pattern, tz);
    let at = Date.parse(from);
    for (let i = 0; i < Math.min(2_000, (8 * 3_600_000) / every); i++) {
      expect(times.after(at)).toBe(at + every);
      at += every;
    }
  });
});

it('what lies behind a moment is what was met on the way to it, around each change of clocks', () => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC'];
  for (const tz of zones) {
    for (const pattern of ['30 2 * * *', '*/20 * * * *', '30 1,2,3 * * *', '45 1 * * *']) {
      for (const from of [
        '2026-03-07T12:00Z',
        '2026-03-28T12:00Z',
        '2026-04-04T00:00Z',
        '2026-10-24T12:00Z',
        '2026-10-31T12:00Z',
      ]) {
        const times = new CronTimes(pattern, tz);
        const met: number[] = [];
        for (let at = times.after(Date.parse(from)); met.length < 60; at = times.after(at!)) met.push(at!);
        expect(times.upTo(met.at(-1)!, 60)).toEqual(met);
        expect(times.upTo(met.at(-1)! - 1, 59)).toEqual(met.slice(0, -1));
        const [one = 0] = met;
        expect([one, one + 1_000, one + 1].map((ms) => times.has(ms))).toEqual([true, false, false]);
      }
    }
  }
});

describe('a pattern', () => {
  it.each(['0 3 * * *', '*/5 * * * * *', '  0   3 * * 1-5 ', '0 0 1 JAN *', '0 0 L * *', '0 12 * * MON#2', '@daily'])(
    'may be %j',
    (pattern) => {
      expect(cronProblem(pattern)).toBeUndefined();
    },
  );

  it.each<[unknown, RegExp]>([
    ['', /of 5 fields/],
    ['* * *', /of 5 fields/],
    ['* * * * * * 2030', /of 5 fields/],
    ['2026-01-01T00:00:00', /of 5 fields/],
    ['60 * * * *', /invalid value for minute: 60/],
    ['0 0 * * 1-9', /invalid value for dayOfWeek/],
    ['*/100 * * * *', /steps cannot be greater/],
    ['0 0 30 2 *', /of a time that comes/],
    ['0 0 31 4 *', /of a time that comes/],
    ['0,'.repeat(50_000), /of 5 fields/],
    [`${'0,'.repeat(50_000)}0 * * * *`, /of 5 fields/],
    [5, /of 5 fields/],
    [null, /of 5 fields/],
  ])('is refused at once: %#', (pattern, problem) => {
    const began = performance.now();
    expect(cronProblem(pattern)).toMatch(problem);
    expect(performance.now() - began).toBeLessThan(500);
  });

  it('is read in a time zone that this process knows', () => {
    expect(['Europe/Berlin', 'UTC', 'Asia/Kolkata'].map(isTimeZone)).toEqual([true, true, true]);
    expect(['Mars/Olympus', '', 5, undefined].map(isTimeZone)).toEqual([false, false, false, false]);
  });
});
