import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ScheduleNotFoundError,
  type AnyJobs,
  type Connection,
  type Logger,
  type Queue,
  type VirtualClock,
} from '@millrace/core';
import { Harness } from './support/harness.ts';

const HOUR = 3_600_000;
const job = { name: 'report', data: { a: 1, b: 2 } };

describe('a schedule', () => {
  let harness: Harness;
  let clock: VirtualClock;
  let connection: Connection;
  let queue: Queue<AnyJobs>;
  let start: number;
  let warnings: string[];

  beforeEach(async () => {
    harness = new Harness();
    clock = harness.virtualClock();
    start = clock.now();
    warnings = [];
    const quiet = (): void => undefined;
    const logger: Logger = { debug: quiet, info: quiet, warn: (text) => warnings.push(text), error: quiet };
    connection = await harness.connect({ clock, logger });
    queue = await harness.queue('mail', { connection });
  });

  afterEach(() => harness.close());

  const digest = (): Promise<unknown> => connection.client.call('DEBUG', 'DIGEST');

  it('is told as it was defined, with its next time [seed:A28]', async () => {
    const declared = await queue.schedule(
      'nightly',
      { cron: '0  3 * * *', tz: 'Europe/Berlin', missed: 'skip', overlap: 'skip', limit: 9, owner: 'me', revision: 2 },
      { ...job, options: { priority: 'high' } },
    );
    expect(declared).toEqual({
      id: 'nightly',
      outcome: 'added',
      state: 'running',
      cron: '0 3 * * *',
      tz: 'Europe/Berlin',
      everyMs: undefined,
      startAt: undefined,
      endAt: undefined,
      limit: 9,
      missed: 'skip',
      overlap: 'skip',
      revision: 2,
      owner: 'me',
      name: 'report',
      data: { a: 1, b: 2 },
      options: expect.objectContaining({ priority: 10 }),
      nextRunAt: new Date('2026-01-01T02:00:00Z'),
      lastRunAt: undefined,
      lastJobId: undefined,
      count: 0,
    });
    const { outcome: _, ...schedule } = declared;
    expect(await queue.getSchedule('nightly')).toEqual(schedule);
    expect(await queue.getSchedule('other')).toBeUndefined();
  });

  it('declared again in the same way, by whichever process and in whichever order, writes nothing [core:B15, seed:A29]', async () => {
    await queue.schedule('nightly', { everyMs: HOUR, missed: 'all' }, job);
    await clock.advance('30m');
    const before = await digest();
    const other = await harness.queue('mail', { connection: await harness.connect({ clock }) });
    const again = await other.schedule(
      'nightly',
      { missed: 'all', everyMs: HOUR },
      { data: { b: 2, a: 1 }, name: 'report' },
    );
    expect(again).toMatchObject({ outcome: 'unchanged', nextRunAt: new Date(start + HOUR) });
    expect(await digest()).toBe(before);
  });

  it('declared by twenty connections at once is there once, and fires at one time [case:X12] [seed:A28]', async () => {
    const queues = await Promise.all(
      Array.from({ length: 20 }, async () => harness.queue('mail', { connection: await harness.connect({ clock }) })),
    );
    const declared = await Promise.all(queues.map((one) => one.schedule('nightly', { everyMs: HOUR }, job)));
    expect(declared.filter(({ outcome }) => outcome === 'added')).toHaveLength(1);
    expect(declared.filter(({ outcome }) => outcome === 'unchanged')).toHaveLength(19);
    expect((await queue.schedules()).schedules).toHaveLength(1);
  });

  it('changed in its interval moves by the difference; in its data it stays; in its pattern it begins anew [seed:Q18]', async () => {
    await queue.schedule('s', { everyMs: HOUR }, job);
    await clock.advance('10m');
    const longer = await queue.schedule('s', { everyMs: 3 * HOUR, revision: 1 }, job);
    expect(longer).toMatchObject({ outcome: 'changed', nextRunAt: new Date(start + 3 * HOUR) });
    const other = await queue.schedule('s', { everyMs: 3 * HOUR, revision: 2 }, { name: 'other', data: 5 });
    expect(other).toMatchObject({ nextRunAt: new Date(start + 3 * HOUR), name: 'other', data: 5 });
    const cron = await queue.schedule('s', { cron: '30 * * * *', revision: 3 }, job);
    expect(cron).toMatchObject({ nextRunAt: new Date(start + HOUR / 2), everyMs: undefined });
    expect(warnings).toEqual([]);
  });

  it('of a lower revision never takes the place of a higher; of the same one the later holds, with a warning [core:B15]', async () => {
    await queue.schedule('s', { everyMs: HOUR, revision: 5 }, job);
    const before = await digest();
    expect(await queue.schedule('s', { everyMs: 7 * HOUR, revision: 4 }, job)).toMatchObject({
      outcome: 'kept',
      everyMs: HOUR,
      revision: 5,
    });
    expect([await digest(), warnings]).toEqual([before, []]);
    expect(await queue.schedule('s', { everyMs: 7 * HOUR, revision: 5 }, job)).toMatchObject({
      outcome: 'changed',
      everyMs: 7 * HOUR,
    });
    expect(warnings).toEqual([expect.stringMatching(/^Schedule "s" of queue "mail" was declared otherwise before/)]);
  });

  it('of an old release beside one of a new release goes over and back no more than once [core:B15]', async () => {
    const old = (): Promise<{ outcome: string }> => queue.schedule('s', { everyMs: HOUR }, job);
    const young = (): Promise<{ outcome: string }> => queue.schedule('s', { everyMs: 2 * HOUR, revision: 1 }, job);
    const outcomes = [];
    for (const declare of [old, young, old, young, old]) outcomes.push((await declare()).outcome);
    expect(outcomes).toEqual(['added', 'changed', 'kept', 'unchanged', 'kept']);
  });

  it('shows its times to come, and those of a definition that is only thought of', async () => {
    await queue.schedule('s', { everyMs: HOUR, limit: 3 }, job);
    const hours = (dates: Date[]): number[] => dates.map((date) => (date.getTime() - start) / HOUR);
    expect(hours(await queue.nextRuns('s'))).toEqual([1, 2, 3]);
    expect(hours(await queue.nextRuns('s', 2))).toEqual([1, 2]);
    expect(hours(await queue.nextRuns({ cron: '0 */6 * * *' }, 4))).toEqual([6, 12, 18, 24]);
    await expect(queue.nextRuns('none')).rejects.toBeInstanceOf(ScheduleNotFoundError);
    await expect(queue.nextRuns('s', 0)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  it('is listed with all others, a page at a time [seed:A28]', async () => {
    for (const id of ['c', 'a', 'd', 'b']) await queue.schedule(id, { everyMs: HOUR }, job);
    const first = await queue.schedules({ limit: 3 });
    const second = await queue.schedules({ limit: 3, cursor: first.cursor });
    expect([...first.schedules, ...second.schedules].map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
    expect(second.cursor).toBeUndefined();
    await expect(queue.schedules({ limit: 101 })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  it('that there is not cannot be paused, resumed or triggered', async () => {
    for (const call of [queue.pauseSchedule('x'), queue.resumeSchedule('x'), queue.triggerNow('x')]) {
      await expect(call).rejects.toMatchObject({ code: 'SCHEDULE_NOT_FOUND', queue: 'mail', scheduleId: 'x' });
    }
    expect(await queue.unschedule('x')).toBe(false);
    expect(await queue.scheduleHistory('x')).toEqual([]);
  });

  it('of a set that a provider has is added, changed and removed with it; those of others stay [seed:A29]', async () => {
    const hourly = (id: string) => ({ id, timing: { everyMs: HOUR }, job });
    await queue.schedule('own', { everyMs: HOUR }, job);
    await queue.syncSchedules('other', [hourly('theirs')]);
    expect(await queue.syncSchedules('table', [hourly('a'), hourly('b')])).toEqual({
      ...{ added: ['a', 'b'], changed: [], unchanged: [], kept: [], removed: [] },
    });
    await clock.advance('20m');
    const before = await digest();
    expect(await queue.syncSchedules('table', [hourly('b'), hourly('a')])).toMatchObject({ unchanged: ['b', 'a'] });
    expect(await digest()).toBe(before);
    const next = [hourly('b'), { id: 'c', timing: { cron: '0 0 * * *' }, job }];
    expect(await queue.syncSchedules('table', next)).toMatchObject({ added: ['c'], unchanged: ['b'], removed: ['a'] });
    const { schedules } = await queue.schedules();
    expect(schedules.map(({ id, owner }) => [id, owner])).toEqual([
      ['b', 'table'],
      ['c', 'table'],
      ['own', undefined],
      ['theirs', 'other'],
    ]);
    await expect(queue.syncSchedules('table', [hourly('b'), hourly('b')])).rejects.toThrow(/each id once/);
  });

  it.each<[string, object, RegExp]>([
    ['neither cron nor everyMs', {}, /"cron" in schedule\('mail', 's'\): expected either cron or everyMs/],
    ['both', { cron: '* * * * *', everyMs: HOUR }, /"everyMs".*not both/],
    ['an interval of 0', { everyMs: 0 }, /"everyMs".*from 100/],
    ['an interval of 1 ms', { everyMs: 1 }, /"everyMs".*from 100/],
    ['a pattern that is none', { cron: '61 * * * *' }, /"cron".*invalid value for minute: 61/],
    ['a time that never comes', { cron: '0 0 30 2 *' }, /"cron".*of a time that comes/],
    ['@every', { cron: '@every 5s' }, /In Millrace it is everyMs/],
    ['an unknown time zone', { cron: '* * * * *', tz: 'Mars/Olympus' }, /"tz".*a time zone such as/],
    ['a time zone of an interval', { everyMs: HOUR, tz: 'UTC' }, /"tz".*cron beside it/],
    ['an end before its start', { everyMs: HOUR, startAt: 2_000, endAt: 1_000 }, /"endAt".*not before startAt/],
    ['an end before its first time', { cron: '0 0 1 1 *', startAt: 1e12, endAt: 1e12 + 5 }, /"endAt".*at least one/],
    ['a backlog without missed: all', { everyMs: HOUR, backlog: 5 }, /"backlog".*missed: 'all' beside it/],
    ['missedAfterMs without missed: skip', { everyMs: HOUR, missedAfterMs: 5 }, /"missedAfterMs".*missed: 'skip'/],
    ['a limit of 0', { everyMs: HOUR, limit: 0 }, /"limit"/],
    ['a policy that is none', { everyMs: HOUR, missed: 'one' }, /"missed".*"all" or "last" or "skip"/],
    ['an invalid date', { everyMs: HOUR, startAt: new Date('x') }, /"startAt".*a valid Date/],
    ['a name of BullMQ', { pattern: '* * * * *' }, /Unknown option "pattern".*In Millrace it is cron/],
  ])('is refused with %s, before Redis is asked [case:A16, case:T7, case:T13]', async (_, timing, message) => {
    const call = queue.schedule('s', timing as never, job);
    await expect(call).rejects.toThrow(message);
  });

  it.each<[string, string, object, RegExp]>([
    ['an id of the form of minted ones', 'abcdefghi~1', job, /"id".*nine letters/],
    ['an id that is too long', 'x'.repeat(241), job, /"id".*240 bytes/],
    ['an id with braces', '{x}', job, /Schedule id "\{x\}".*braces/],
    ['a job with an id', 's', { ...job, options: { id: 'x' } }, /"options.id".*come from the schedule/],
    ['a job with a delay', 's', { ...job, options: { delayMs: 5 } }, /"options.delayMs"/],
    ['a job with an unknown option', 's', { ...job, options: { attempts: 5 } }, /it is maxAttempts/],
    ['data that JSON cannot keep', 's', { name: 'x', data: 5n }, /BigInt/],
    ['data of more than 64 KiB', 's', { name: 'x', data: 'x'.repeat(65_536) }, /the limit of a schedule/],
  ])('is refused with %s', async (_, id, wrong, message) => {
    await expect(queue.schedule(id, { everyMs: HOUR }, wrong as never)).rejects.toThrow(message);
  });

  it('is what option repeat of BullMQ is told to be', async () => {
    await expect(queue.add('x', 1, { repeat: { every: 5 } } as never)).rejects.toThrow(
      /queue\.schedule\(id, \{ cron \}/,
    );
  });
});
