import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyJobs, Job, Queue } from '@millrace/core';
import { Random } from '../lua/support/random.js';
import { waitFor } from '../support/wait-for.ts';
import { Fleet } from './support/fleet/fleet.ts';
import type { Line } from './support/fleet/history.ts';
import { PATIENCE } from './support/fleet/worker-process.ts';

const SEED = Number(process.env['MILLRACE_PROCESS_RACE_SEED'] ?? Date.now() % 1_000_000);
const ROUNDS = 200;
/** Rounds that are under way at the same time. */
const ABREAST = 50;

type Draft = Parameters<Queue<AnyJobs>['addMany']>[0][number];

describe(`three worker processes, and calls that meet them, ${ROUNDS} times each (MILLRACE_PROCESS_RACE_SEED=${SEED})`, () => {
  let fleet: Fleet;
  let queue: Queue<AnyJobs>;
  let random: Random;

  beforeAll(async () => {
    fleet = await Fleet.prepare();
    queue = await fleet.queue();
    await queue.config.set({
      groups: { concurrency: 1 },
      keep: { completed: { count: 100_000 }, cancelled: { count: 100_000 } },
    });
    const workers = await Promise.all([1, 2, 3].map(() => fleet.process({ concurrency: 4 })));
    await Promise.all(workers.map((worker) => worker.work('mail')));
  }, 60_000);

  beforeEach(() => {
    random = new Random(SEED);
  });

  afterAll(() => fleet.close());

  const draft = (options: Draft['options'] = {}): Draft => ({ name: 'wait', data: { ms: random.int(6) }, options });
  const add = async (options: Draft['options'] = {}): Promise<Job> => queue.add('wait', { ms: random.int(6) }, options);
  const moment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, random.int(4)));

  /** Runs a round so often, some at a time, and waits until nothing is left to run. */
  async function rounds<T>(round: (n: number) => Promise<T>): Promise<T[]> {
    const all: T[] = [];
    for (let from = 0; from < ROUNDS; from += ABREAST) {
      all.push(...(await Promise.all(Array.from({ length: ABREAST }, (_, i) => round(from + i)))));
    }
    await waitFor('all to end', isQuiet, PATIENCE);
    return all;
  }

  async function isQuiet(): Promise<boolean> {
    const { waiting, active, delayed, retrying, blocked } = await queue.counts();
    return waiting + active + delayed + retrying + blocked === 0;
  }

  /** What was written down of each job, in order. */
  async function runs(): Promise<Map<string, Line[]>> {
    const lines = await fleet.history.lines();
    const byJob = new Map<string, Line[]>();
    for (const line of lines) byJob.set(line.id, [...(byJob.get(line.id) ?? []), line]);
    return byJob;
  }

  const count = (lines: readonly Line[] | undefined, op: Line['op']): number =>
    lines?.filter((line) => line.op === op).length ?? 0;

  it('a job that is asked for by all runs once [case:X1]', async () => {
    const jobs = (await rounds(() => queue.addMany([draft(), draft()]))).flat();
    const ran = await runs();
    expect(jobs.filter(({ id }) => count(ran.get(id), 'start') !== 1)).toEqual([]);
  });

  it('a job that is cancelled while it runs ends once, as cancelled or as completed [case:X4]', async () => {
    const jobs = await rounds(async () => {
      const job = await add();
      await moment();
      await queue.cancel(job.id);
      return job;
    });
    const ran = await runs();
    for (const { id } of jobs) {
      const job = await queue.get(id);
      expect(['cancelled', 'completed']).toContain(job?.state);
      if (job?.state === 'completed') expect(count(ran.get(id), 'end')).toBe(1);
      expect(count(ran.get(id), 'start')).toBeLessThanOrEqual(1);
    }
  });

  it('a job that is taken back while it runs, or put to a later time, runs to one end [case:X5]', async () => {
    const jobs = await rounds(async () => {
      const job = await add();
      await moment();
      await queue.expire(job.id);
      await queue.update(job.id, { runAt: new Date(Date.now() + 5) }).catch(() => {});
      return job;
    });
    for (const { id } of jobs) expect(await queue.get(id)).toMatchObject({ state: 'completed', failures: 0 });
    expect((await queue.counts()).active).toBe(0);
  });

  it('a job that two retry at once runs once more for each that counted [case:X6]', async () => {
    const jobs = await rounds(async () => {
      const job = await add();
      await queue.result(job.id);
      const fates = await Promise.all([queue.retry(job.id), queue.retry(job.id)]);
      return { id: job.id, times: fates.flat().filter((fate) => fate === 'waiting').length };
    });
    const ran = await runs();
    for (const { id, times } of jobs) expect([times > 0, count(ran.get(id), 'start')]).toEqual([true, 1 + times]);
  });

  it('a job that is cancelled and removed while it runs leaves nothing [case:X7]', async () => {
    const jobs = await rounds(async () => {
      const job = await add();
      await moment();
      await queue.cancel(job.id);
      await queue.remove(job.id);
      return job;
    });
    expect((await queue.getMany(jobs.map(({ id }) => id))).filter((job) => job !== undefined)).toEqual([]);
  });

  it('a job that is added while what it waits for ends starts once, after all of it [case:X8] [case:X9]', async () => {
    const threes = await rounds(async () => {
      const parents = await Promise.all([add(), add()]);
      if (random.chance(0.5)) await moment();
      return [...parents, await add({ dependsOn: parents })];
    });
    const ran = await runs();
    for (const [a, b, c] of threes) {
      const lines = ran.get(c!.id);
      expect(count(lines, 'start')).toBe(1);
      const startedAt = lines!.find(({ op }) => op === 'start')!.at;
      for (const parent of [a, b])
        expect(ran.get(parent!.id)!.find(({ op }) => op === 'end')!.at).toBeLessThanOrEqual(startedAt);
    }
  });

  it('jobs of one unique key never live at the same time [case:X11]', async () => {
    const all = await rounds(async (n) => {
      const key = `k${n % 40}`;
      const jobs = await Promise.all([1, 2, 3].map(() => add({ unique: { key }, tags: [key] })));
      return jobs.map(({ id, outcome }) => ({ key, id, outcome }));
    });
    const ran = await runs();
    const added = all.flat().filter(({ outcome }) => outcome === 'added');
    for (const { id } of added) expect(count(ran.get(id), 'start')).toBe(1);
    for (let n = 0; n < 40; n++)
      expect(
        overlaps(
          ran,
          added.filter(({ key }) => key === `k${n}`),
        ),
      ).toBe(0);
  });

  it('jobs of one group run one at a time [case:X17]', async () => {
    const jobs = (
      await rounds((n) => queue.addMany([1, 2, 3].map(() => draft({ group: `g${n % 20}`, tags: [`g${n % 20}`] }))))
    ).flat();
    const ran = await runs();
    expect(jobs.filter(({ id }) => count(ran.get(id), 'start') !== 1)).toEqual([]);
    for (let n = 0; n < 20; n++)
      expect(
        overlaps(
          ran,
          jobs.filter(({ tags }) => tags.includes(`g${n}`)),
        ),
      ).toBe(0);
  });

  it('a job that is promoted by two and by its time, and changes its priority, runs once [case:X21] [case:X22]', async () => {
    const jobs = await rounds(async () => {
      const job = await add({ delayMs: 1 + random.int(5) });
      await moment();
      await Promise.all([queue.promote(job.id), queue.prioritize(job.id, 5), queue.promote(job.id)]);
      return job;
    });
    const ran = await runs();
    expect(jobs.filter(({ id }) => count(ran.get(id), 'start') !== 1)).toEqual([]);
  });

  it('nothing starts after a pause until the queue goes on, 15 times [case:X14]', async () => {
    const pauses: [from: number, to: number][] = [];
    for (let n = 0; n < 15; n++) {
      const adding = queue.addMany(Array.from({ length: 20 }, () => draft({ delayMs: random.int(3) })));
      await moment();
      await queue.pause({ wait: true });
      const from = Date.now();
      await adding;
      await queue.addMany([draft(), draft()]);
      await moment();
      pauses.push([from, Date.now()]);
      await queue.resume();
    }
    await waitFor('all to end', isQuiet, PATIENCE);
    const starts = await fleet.history.of('start');
    // Both are of one clock, of which a millisecond is the smallest part.
    for (const [from, to] of pauses) expect(starts.filter(({ at }) => at > from && at < to)).toEqual([]);
  });
});

/** How often one of these jobs started while another one ran. */
function overlaps(ran: ReadonlyMap<string, readonly Line[]>, jobs: readonly { readonly id: string }[]): number {
  const lines = jobs.flatMap(({ id }) => ran.get(id) ?? []).filter(({ op }) => op === 'start' || op === 'end');
  // Within one millisecond the end of one comes before the start of the next.
  lines.sort((a, b) => a.at - b.at || (a.op === 'end' ? -1 : 1));
  let running = 0;
  let found = 0;
  for (const { op } of lines) {
    running += op === 'start' ? 1 : -1;
    if (running > 1) found++;
  }
  return found;
}
