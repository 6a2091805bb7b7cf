import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ActiveJob, AnyJobs, Queue } from '@millrace/core';
import { callsOf } from '../core/support/calls-of.ts';
import { Harness } from '../core/support/harness.ts';
import { Proxy } from '../support/proxy.ts';
import { redisUrl } from '../support/redis.ts';
import { waitFor, within } from '../support/wait-for.ts';

describe('a schedule whose worker fails between working out and firing', () => {
  let proxy: Proxy;
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  const ran: string[] = [];
  const handler = (job: ActiveJob): void => void ran.push(job.id);

  beforeEach(async () => {
    ran.length = 0;
    proxy = await Proxy.start(redisUrl());
    harness = new Harness();
    queue = await harness.queue();
    const connection = await harness.connect({ commandTimeoutMs: 2_000 }, proxy.url);
    await harness.worker({ connection, handler });
  });

  afterEach(async () => {
    await proxy.pass();
    await harness.close();
    await proxy.close();
  });

  async function oneTime(): Promise<string> {
    const { nextRunAt } = await queue.schedule('s', { everyMs: 200, limit: 1, missed: 'all' }, { name: 'x' });
    return `s@${nextRunAt!.getTime()}`;
  }

  it('fires all the same, once, when the call was lost [core:B15]', async () => {
    const cut = proxy.cutBeforeForward(callsOf('fire'));
    const id = await oneTime();
    await within('the cut', cut);
    await waitFor('the job', () => ran.length > 0);
    expect([ran, (await queue.getSchedule('s'))?.count]).toEqual([[id], 1]);
  });

  it('fires once when only the answer was lost: the same call again finds nothing to do [core:A13, core:B15]', async () => {
    const cut = proxy.cutAfterExecuted(callsOf('fire'));
    const id = await oneTime();
    await within('the cut', cut);
    await waitFor('the job', () => ran.length > 0);
    await waitFor('its end', async () => (await queue.counts()).completed === 1);
    expect([ran, await queue.getSchedule('s')]).toMatchObject([[id], { count: 1, state: 'over' }]);
    expect((await queue.scheduleHistory('s')).map(({ outcome }) => outcome)).toEqual(['fired']);
  });

  it('is left to another worker when the first one does not come back', async () => {
    const cut = proxy.cutBeforeForward(callsOf('fire'));
    const id = await oneTime();
    await within('the cut', cut);
    proxy.refuse();
    proxy.reset();
    await harness.worker({ handler });
    await waitFor('the job', () => ran.length > 0);
    expect(ran).toEqual([id]);
  });

  it('is declared once although answers are lost [core:A13]', async () => {
    const connection = await harness.connect({ commandTimeoutMs: 2_000 }, proxy.url);
    const other = await harness.queue('other', { connection });
    const cut = proxy.cutAfterExecuted(callsOf('schedule'));
    const declared = other.schedule('s', { everyMs: 3_600_000 }, { name: 'x' });
    await within('the cut', cut);
    expect(await declared).toMatchObject({ outcome: 'added', count: 0 });
    const cutAgain = proxy.cutAfterExecuted(callsOf('unschedule'));
    const removed = other.unschedule('s');
    await within('the cut', cutAgain);
    expect(await removed).toBe(true);
    expect((await other.schedules()).schedules).toEqual([]);
  });
});

describe('times of a schedule are those of Redis', () => {
  let harness: Harness;

  beforeEach(() => {
    harness = new Harness();
  });

  afterEach(() => harness.close());

  it('whatever the clock of the process that declares it says [case:T1]', async () => {
    const real = Date.now;
    const queue = await harness.queue();
    const before = real();
    Date.now = () => real() + 3_600_000;
    try {
      const { nextRunAt } = await queue.schedule('s', { everyMs: 60_000 }, { name: 'x' });
      expect(nextRunAt!.getTime() - before).toBeGreaterThanOrEqual(60_000);
      expect(nextRunAt!.getTime() - real()).toBeLessThanOrEqual(60_000);
    } finally {
      Date.now = real;
    }
  });
});
