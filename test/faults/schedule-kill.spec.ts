import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '../support/wait-for.ts';
import { Dice } from './support/fleet/dice.ts';
import { Fleet } from './support/fleet/fleet.ts';
import { PATIENCE, type WorkerProcess } from './support/fleet/worker-process.ts';

const EVERY_MS = 100;
const KILLS = 6;
const WORKERS = 3;
const STANDING_BY = 2;
const SETTINGS = { lease: { durationMs: 1_200 }, concurrency: 10 };

describe('a schedule, while processes that fire it are killed', () => {
  let fleet: Fleet;

  beforeEach(async () => {
    fleet = await Fleet.prepare();
  });

  afterEach(() => fleet.close());

  it(`adds one job for each of its times, over ${KILLS} kills at random moments [core:B15, case:I12, case:C1] [seed:A28]`, async () => {
    const dice = Dice.fromEnvironment('MILLRACE_SCHEDULE_SEED');
    const queue = await fleet.queue();
    const standingBy = Array.from({ length: WORKERS + STANDING_BY }, () => fleet.standBy(SETTINGS));
    const next = async (): Promise<WorkerProcess> => {
      const started = await standingBy.shift()!;
      await started.work('mail');
      return started;
    };
    const workers: WorkerProcess[] = [];
    while (workers.length < WORKERS) workers.push(await next());
    const { nextRunAt } = await queue.schedule(
      'often',
      { everyMs: EVERY_MS, missed: 'all' },
      { name: 'wait', data: { ms: 1 }, options: { keep: { completed: { ageMs: 600_000 } } } },
    );
    const first = nextRunAt!.getTime();
    const countNow = async (): Promise<number> => (await queue.getSchedule('often'))!.count;
    for (let kill = 0; kill < KILLS; kill++) {
      // Around a time of the schedule: before it, while it is worked out, while it is being fired.
      const seen = await countNow();
      await waitFor('the next times', async () => (await countNow()) > seen + 1, { ...PATIENCE, intervalMs: 1 });
      await new Promise((resolve) => setTimeout(resolve, dice.below(EVERY_MS)));
      const victim = dice.below(workers.length);
      await workers[victim]!.kill();
      standingBy.push(fleet.standBy(SETTINGS));
      workers[victim] = await next();
    }
    await waitFor('the times since', async () => (await countNow()) >= 30, PATIENCE);
    await queue.pauseSchedule('often');
    const { count, lastRunAt } = (await queue.getSchedule('often'))!;
    const context = `${dice.toString()}, ${count} times`;
    expect([context, (lastRunAt!.getTime() - first) / EVERY_MS + 1]).toEqual([context, count]);
    await waitFor('all to end', async () => (await queue.counts()).completed === count, PATIENCE);
    const ids = Array.from({ length: count }, (_, i) => `often@${first + i * EVERY_MS}`);
    const jobs = await Promise.all(ids.map((id) => queue.get(id)));
    expect(jobs.map((job) => job?.scheduledFor?.getTime())).toEqual(ids.map((id) => Number(id.slice(6))));
    // As many as there are times: no other job was added.
    const started = new Set((await fleet.history.of('start')).map(({ id }) => id));
    expect([context, [...started].sort()]).toEqual([context, [...ids].sort()]);
    expect(jobs.filter((job) => job!.createdAt < job!.scheduledFor!)).toEqual([]);
  }, 120_000);
});
