import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ActiveJob, AnyJobs, Connection, Queue, VirtualClock } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('schedules in virtual time', () => {
  let harness: Harness;
  let clock: VirtualClock;
  let connection: Connection;
  let queue: Queue<AnyJobs>;
  let start: number;
  let ran: { id: string; at: number; for: number | undefined }[];
  const handler = (job: ActiveJob): void => {
    ran.push({ id: job.id, at: clock.now() - start, for: job.scheduledFor && job.scheduledFor.getTime() - start });
  };

  beforeEach(async () => {
    harness = new Harness();
    clock = harness.virtualClock();
    start = clock.now();
    ran = [];
    connection = await harness.connect({ clock });
    queue = await harness.queue('mail', { connection });
  });

  afterEach(() => harness.close());

  it('an interval of an hour runs 24 jobs a day, each at its time [seed:Q17, core:B15]', async () => {
    await harness.worker({ connection, handler });
    await queue.schedule('hourly', { everyMs: HOUR }, { name: 'report' });
    await clock.advance('24h');
    expect(ran).toEqual(
      Array.from({ length: 24 }, (_, i) => {
        const at = (i + 1) * HOUR;
        return { id: `hourly@${start + at}`, at, for: at };
      }),
    );
    expect(await queue.getSchedule('hourly')).toMatchObject({
      count: 24,
      lastRunAt: new Date(start + 24 * HOUR),
      lastJobId: `hourly@${start + 24 * HOUR}`,
      nextRunAt: new Date(start + 25 * HOUR),
    });
  });

  it('a nightly pattern takes milliseconds, and is met once on the days on which clocks change [seed:I17, seed:A28, case:T5] [seed:Q31]', async () => {
    await clock.advance(Date.parse('2026-10-20T12:00:00Z') - start);
    await harness.worker({ connection, handler });
    await queue.schedule('nightly', { cron: '30 2 * * *', tz: 'Europe/Berlin' }, { name: 'report' });
    const began = performance.now();
    await clock.advance('7d');
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(ran.map((run) => new Date(run.for! + start).toISOString().slice(0, 16))).toEqual([
      '2026-10-21T00:30',
      '2026-10-22T00:30',
      '2026-10-23T00:30',
      '2026-10-24T00:30',
      '2026-10-25T00:30',
      '2026-10-26T01:30',
      '2026-10-27T01:30',
    ]);
  });

  it('many workers that look at once fire each time once [core:B15, case:I12] [seed:A28]', async () => {
    for (let n = 0; n < 5; n++) {
      const own = await harness.connect({ clock });
      await harness.worker({ connection: own, handler });
      const other = await harness.queue('mail', { connection: own });
      await other.schedule('often', { everyMs: MINUTE }, { name: 'report' });
    }
    await clock.advance('30m');
    expect(ran.map((run) => run.for)).toEqual(Array.from({ length: 30 }, (_, i) => (i + 1) * MINUTE));
    expect(await queue.getSchedule('often')).toMatchObject({ count: 30 });
  });

  describe('an outage of all workers [seed:Q17, case:T10]', () => {
    it.each<[string, object, number[]]>([
      ['all', { missed: 'all' }, [1, 2, 3, 4, 5]],
      ['all, with a backlog of 2', { missed: 'all', backlog: 2 }, [4, 5]],
      ['last', {}, [5]],
      ['skip', { missed: 'skip' }, []],
    ])('missed: %s', async (_, policy, hours) => {
      await queue.schedule('hourly', { everyMs: HOUR, ...policy }, { name: 'report' });
      await clock.advance(5.5 * HOUR);
      await harness.worker({ connection, handler });
      await clock.advance(1);
      expect(ran.map((run) => run.for)).toEqual(hours.map((hour) => hour * HOUR));
      await clock.advance(HOUR);
      expect(ran.at(-1)).toMatchObject({ at: 6 * HOUR, for: 6 * HOUR });
    });

    it('of days is made up for in bounded steps, in order', async () => {
      await queue.schedule('often', { everyMs: MINUTE, missed: 'all' }, { name: 'report' });
      await clock.advance(350 * MINUTE);
      await harness.worker({ connection, handler, concurrency: 1 });
      await clock.advance(1);
      expect(ran.map((run) => run.for)).toEqual(Array.from({ length: 350 }, (_, i) => (i + 1) * MINUTE));
    });

    it('of ten thousand times of a pattern is made up for in full, in order, each once [core:B15]', async () => {
      await queue.schedule('often', { cron: '* * * * *', missed: 'all' }, { name: 'report' });
      await clock.advance(10_000 * MINUTE);
      await harness.worker({ connection, handler, concurrency: 1 });
      await clock.advance(1);
      expect(ran.map((run) => run.for)).toEqual(Array.from({ length: 10_000 }, (_, i) => (i + 1) * MINUTE));
      expect(await queue.getSchedule('often')).toMatchObject({ count: 10_000 });
    });

    it('leaves a note of what was passed over [seed:A28]', async () => {
      await queue.schedule('hourly', { everyMs: HOUR }, { name: 'report' });
      await clock.advance(3.5 * HOUR);
      await harness.worker({ connection, handler });
      await clock.advance(1);
      const history = await queue.scheduleHistory('hourly');
      expect(history.map(({ at, outcome, jobId }) => [at.getTime() - start, outcome, jobId])).toEqual([
        [3 * HOUR, 'fired', `hourly@${start + 3 * HOUR}`],
        [HOUR, 'missed', undefined],
      ]);
    });
  });

  it('begins at startAt, ends at endAt, and ends after so many jobs [seed:Q17]', async () => {
    await harness.worker({ connection, handler });
    const job = { name: 'report' };
    await queue.schedule('a', { everyMs: HOUR, startAt: start + 90 * MINUTE, endAt: start + 3 * HOUR }, job);
    await queue.schedule('b', { everyMs: HOUR, limit: 2 }, job);
    await clock.advance('12h');
    expect(ran.map((run) => [run.id.charAt(0), run.for! / MINUTE])).toEqual([
      ['b', 60],
      ['a', 90],
      ['b', 120],
      ['a', 150],
    ]);
    expect((await queue.schedules()).schedules.map(({ id, state, nextRunAt }) => [id, state, nextRunAt])).toEqual([
      ['a', 'over', undefined],
      ['b', 'over', undefined],
    ]);
  });

  it('with overlap skip adds no job while the last one has not ended; without, it does', async () => {
    let release = (): void => undefined;
    const blocked = new Promise<void>((resolve) => (release = resolve));
    await harness.worker({ connection, handler: (job) => (handler(job), job.name === 'alone' ? blocked : undefined) });
    await queue.schedule('alone', { everyMs: HOUR, overlap: 'skip' }, { name: 'alone' });
    await queue.schedule('beside', { everyMs: HOUR }, { name: 'beside' });
    await clock.advance('4h');
    const idsOf = (id: string): number => ran.filter((run) => run.id.startsWith(id)).length;
    expect([idsOf('alone'), idsOf('beside')]).toEqual([1, 4]);
    release();
    await clock.advance('1h');
    expect(idsOf('alone')).toBe(2);
    expect((await queue.scheduleHistory('alone')).map(({ outcome }) => outcome)).toEqual([
      'fired',
      'overlap',
      'overlap',
      'overlap',
      'fired',
    ]);
  });

  it('fires while the queue is paused and while the worker is; the jobs wait', async () => {
    await harness.worker({ connection, handler });
    await queue.pause();
    await queue.schedule('hourly', { everyMs: HOUR }, { name: 'report' });
    await clock.advance('3h');
    expect([ran.length, (await queue.counts()).waiting]).toEqual([0, 3]);
    await queue.resume();
    await clock.advance(1);
    expect(ran).toHaveLength(3);
  });

  it('jobs of a schedule have its options, and everything else that jobs have [case:P1] [seed:Q17]', async () => {
    const jobs: ActiveJob[] = [];
    const failing = (job: ActiveJob): void => {
      jobs.push(job);
      if (job.name === 'report') throw new Error('no');
    };
    await harness.worker({ connection, handler: failing });
    const data = { list: [], map: {}, nested: [[]], text: '\t\n"{}', number: 1e21 };
    const options = {
      priority: 5,
      tags: ['night'],
      meta: { tenant: 'x' },
      maxAttempts: 1,
      onFailure: { name: 'alarm', data },
    };
    await queue.schedule('hourly', { everyMs: HOUR }, { name: 'report', data, options });
    await clock.advance('1h');
    const [job, alarm] = jobs;
    expect(job).toMatchObject({
      data,
      ...{ scheduleId: 'hourly', scheduledFor: new Date(start + HOUR), runAt: new Date(start + HOUR) },
      ...{ priority: 5, tags: ['night'], meta: { tenant: 'x' }, maxAttempts: 1 },
    });
    expect(alarm).toMatchObject({ name: 'alarm', data, failedJobId: `hourly@${start + HOUR}`, scheduleId: undefined });
    const stored = await queue.get(`hourly@${start + HOUR}`);
    expect(stored).toMatchObject({ payload: JSON.stringify(data), scheduleId: 'hourly', tags: ['night'] });
    expect(stored?.scheduledFor).toEqual(new Date(start + HOUR));
  });

  it('a unique job of a schedule is added when the key is free', async () => {
    await harness.worker({ connection, handler });
    await queue.pause();
    await queue.schedule('hourly', { everyMs: HOUR }, { name: 'report', options: { unique: { key: 'one' } } });
    await clock.advance('3h');
    expect((await queue.counts()).waiting).toBe(1);
    expect((await queue.scheduleHistory('hourly')).map(({ outcome }) => outcome)).toEqual([
      'not unique',
      'not unique',
      'fired',
    ]);
  });

  it('is triggered beside its times, and that counts as none of them', async () => {
    await harness.worker({ connection, handler });
    await queue.schedule('hourly', { everyMs: HOUR }, { name: 'report', data: 7 });
    await clock.advance(10 * MINUTE);
    const job = await queue.triggerNow('hourly');
    await clock.advance(1);
    expect(ran).toEqual([{ id: job.id, at: 10 * MINUTE, for: undefined }]);
    expect(await queue.get(job.id)).toMatchObject({ data: 7, scheduleId: 'hourly', scheduledFor: undefined });
    expect(await queue.getSchedule('hourly')).toMatchObject({ count: 0, nextRunAt: new Date(start + HOUR) });
  });

  it('removed while its job waits it fires no more, and the job runs [seed:Q18, case:X13]', async () => {
    await harness.worker({ connection, handler });
    await queue.pause();
    await queue.schedule('hourly', { everyMs: HOUR }, { name: 'report' });
    await clock.advance('1h');
    expect(await queue.unschedule('hourly')).toBe(true);
    expect(await queue.unschedule('hourly')).toBe(false);
    await queue.resume();
    await clock.advance('5h');
    expect(ran).toEqual([{ id: `hourly@${start + HOUR}`, at: HOUR, for: HOUR }]);
  });

  it('paused it does not fire, and resumed it goes on with its beat, without what the pause kept from it', async () => {
    await harness.worker({ connection, handler });
    await queue.schedule('hourly', { everyMs: HOUR, missed: 'all' }, { name: 'report' });
    await clock.advance(90 * MINUTE);
    expect([await queue.pauseSchedule('hourly'), await queue.pauseSchedule('hourly')]).toEqual([true, false]);
    await clock.advance('4h');
    expect(await queue.getSchedule('hourly')).toMatchObject({ state: 'paused', count: 1 });
    expect([await queue.resumeSchedule('hourly'), await queue.resumeSchedule('hourly')]).toEqual([true, false]);
    await clock.advance('2h');
    expect(ran.map((run) => run.for)).toEqual([HOUR, 6 * HOUR, 7 * HOUR]);
  });

  it('tells of jobs that it added and of times that it passed over [seed:A28]', async () => {
    const told: string[] = [];
    const events = queue.events();
    const reading = (async () => {
      for await (const { type, id } of events)
        if (type === 'scheduled' || type === 'skipped') told.push(`${type} ${id}`);
    })();
    await harness.worker({ connection, handler });
    await queue.schedule('hourly', { everyMs: HOUR, overlap: 'skip' }, { name: 'report' });
    await clock.advance(10);
    await queue.pause();
    await clock.advance('2h');
    await clock.advance('2s');
    await queue.close();
    await reading;
    expect(told).toEqual([`scheduled hourly@${start + HOUR}`, `skipped hourly@${start + 2 * HOUR}`]);
  });
});
