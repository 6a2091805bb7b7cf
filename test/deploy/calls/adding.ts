import { waitFor } from '../../support/wait-for.ts';
import type { Trial } from './stage.ts';

const HOURLY = { everyMs: 3_600_000 };
const TICK = { name: 'tick', data: null };

/** Calls of a queue that add jobs, and those of schedules. */
export const ADDING: Readonly<Record<string, Trial>> = {
  add: async ({ queue }) => {
    const first = await queue.add('job', { n: 1 }, { id: 'x', priority: 3, tags: ['t'], group: 'g', uses: { gpu: 1 } });
    const again = await queue.add('job', { n: 2 }, { id: 'x' });
    const one = await queue.add('job', 1, { unique: { key: 'k' } });
    const two = await queue.add('job', 1, { unique: { key: 'k' } });
    const after = await queue.add('job', 1, { dependsOn: ['x'], delayMs: 1_000 });
    return [first.outcome, again.outcome, one.id === two.id, after.state, await queue.counts()];
  },
  addMany: async ({ queue }) => {
    const jobs = await queue.addMany(Array.from({ length: 1_200 }, (_, n) => ({ name: 'job', data: n })));
    return [new Set(jobs.map(({ id }) => id)).size, (await queue.counts()).waiting];
  },
  result: async (stage) => {
    const { id } = await stage.queue.add('job', { n: 1 });
    const result = stage.queue.result(id);
    await stage.work();
    return result;
  },
  schedule: async (stage) => {
    const { queue } = stage;
    const hourly = [await queue.schedule('hourly', HOURLY, TICK), await queue.schedule('hourly', HOURLY, TICK)];
    await queue.schedule('soon', { everyMs: 100, limit: 1 }, TICK);
    await stage.work();
    await waitFor('the time of the other one', async () => (await queue.counts()).completed === 1);
    return hourly.map(({ outcome }) => outcome);
  },
  unschedule: async ({ queue }) => {
    await queue.schedule('s', HOURLY, TICK);
    return [await queue.unschedule('s'), await queue.unschedule('s')];
  },
  schedules: async ({ queue }) => {
    for (const id of ['a', 'b', 'c']) await queue.schedule(id, HOURLY, TICK);
    return (await queue.schedules()).schedules.map(({ id }) => id).sort();
  },
  getSchedule: async ({ queue }) => {
    await queue.schedule('s', HOURLY, TICK);
    return [(await queue.getSchedule('s'))?.id, await queue.getSchedule('none')];
  },
  nextRuns: async ({ queue }) => {
    await queue.schedule('s', HOURLY, TICK);
    return (await queue.nextRuns('s', 3)).length;
  },
  triggerNow: async ({ queue }) => {
    await queue.schedule('s', HOURLY, TICK);
    const job = await queue.triggerNow('s');
    return [job.name, job.scheduleId];
  },
  scheduleHistory: async ({ queue }) => {
    await queue.schedule('s', HOURLY, TICK);
    await queue.triggerNow('s');
    return (await queue.scheduleHistory('s')).length;
  },
  pauseSchedule: async ({ queue }) => {
    await queue.schedule('s', HOURLY, TICK);
    return [await queue.pauseSchedule('s'), await queue.pauseSchedule('s')];
  },
  resumeSchedule: async ({ queue }) => {
    await queue.schedule('s', HOURLY, TICK);
    await queue.pauseSchedule('s');
    return queue.resumeSchedule('s');
  },
  syncSchedules: async ({ queue }) => {
    await queue.syncSchedules(
      'me',
      ['a', 'b'].map((id) => ({ id, timing: HOURLY, job: TICK })),
    );
    return queue.syncSchedules(
      'me',
      ['b', 'c'].map((id) => ({ id, timing: HOURLY, job: TICK })),
    );
  },
  orphanedSchedules: async ({ queue }) => {
    await queue.syncSchedules('me', [{ id: 'a', timing: HOURLY, job: TICK }]);
    return (await queue.orphanedSchedules('me')).map(({ id }) => id);
  },
};
