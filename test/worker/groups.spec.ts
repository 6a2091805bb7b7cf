import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ActiveJob, type AnyJobs, InvalidNameError, InvalidOptionError, type Queue } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { Random } from '../lua/support/random.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from './support/gate.ts';
import { RunLog } from './support/run-log.ts';

describe('groups of jobs', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let gate: Gate;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    gate = new Gate();
  });

  afterEach(async () => {
    gate.open();
    await harness.close();
  });

  const add = (group: string, count: number): Promise<unknown> =>
    queue.addMany(Array.from({ length: count }, () => ({ name: 'any', data: group, options: { group } })));

  it('are said with the job, and known to its handler and to whoever reads it', async () => {
    const job = await queue.add('any', 1, { group: 'tenant-7' });
    const groups: (string | undefined)[] = [];
    await harness.worker({ handler: (running) => void groups.push(running.group) });
    await queue.result(job.id);
    expect([job.group, groups, (await queue.get(job.id))?.group]).toEqual(['tenant-7', ['tenant-7'], 'tenant-7']);
    await expect(queue.add('any', 1, { group: 'a\tb' })).rejects.toBeInstanceOf(InvalidNameError);
    await expect(queue.groups.set('a', { concurrency: 0 })).rejects.toBeInstanceOf(InvalidOptionError);
    await expect(queue.groups.list({ limit: 0 })).rejects.toBeInstanceOf(InvalidOptionError);
  });

  it('of a hundred very different sizes get equal shares while all have jobs [core:B9]', async () => {
    for (let n = 0; n < 100; n++) await add(`G${n}`, 10 + (n === 0 ? 500 : n));
    const runs = new Map<string, number>();
    let count = 0;
    const handler = (job: ActiveJob): void => {
      if (++count <= 1_000) runs.set(job.data as string, (runs.get(job.data as string) ?? 0) + 1);
    };
    for (let n = 0; n < 3; n++) await harness.worker({ handler, concurrency: 7 });
    await waitFor('a thousand to run', () => count >= 1_000);
    expect(runs.size).toBe(100);
    // Three workers start what they were given each in its own time.
    expect([...runs.values()].filter((each) => each < 9 || each > 11)).toEqual([]);
    await waitFor('all to run', () => count === 100 * 10 + 500 + (99 * 100) / 2);
  });

  it('have a concurrency of their own over all workers, changed live; one of them may have another [seed:Q29]', async () => {
    await queue.config.set({ groups: { concurrency: 1 } });
    await queue.groups.set('wide', { concurrency: 3 });
    const running = new Map<string, number>();
    const peaks = new Map<string, number>();
    const log = new RunLog();
    const handler = log.handler(async (job: ActiveJob) => {
      const group = job.data as string;
      running.set(group, (running.get(group) ?? 0) + 1);
      peaks.set(group, Math.max(peaks.get(group) ?? 0, running.get(group)!));
      await gate.opened;
      running.set(group, running.get(group)! - 1);
    });
    for (let n = 0; n < 3; n++) await harness.worker({ handler, concurrency: 10 });
    for (const group of ['a', 'b', 'wide']) await add(group, 20);
    await waitFor('five to run', () => log.running === 5);
    expect(Object.fromEntries(peaks)).toEqual({ a: 1, b: 1, wide: 3 });
    expect(await queue.groups.list()).toEqual({
      groups: [
        { name: 'a', waiting: 19, active: 1, isPaused: false },
        { name: 'b', waiting: 19, active: 1, isPaused: false },
        { name: 'wide', waiting: 17, active: 3, isPaused: false, concurrency: 3 },
      ],
    });
    await queue.config.set({ groups: { concurrency: 2 } });
    await waitFor('seven to run', () => log.running === 7, { timeoutMs: 1_000 });
    expect(await queue.config.get()).toMatchObject({ groups: { concurrency: 2 } });
    gate.open();
    await waitFor('all to end', async () => (await queue.counts()).completed === 60);
    expect(Object.fromEntries(peaks)).toEqual({ a: 2, b: 2, wide: 3 });
    await queue.groups.unset('wide');
    await queue.config.unset('groups');
    expect(await queue.groups.list()).toEqual({ groups: [] });
  });

  it('can be paused one by one', async () => {
    const log = new RunLog();
    await harness.worker({ handler: log.handler(), concurrency: 5 });
    await queue.groups.pause('a');
    await add('a', 3);
    await add('b', 3);
    await waitFor('the other group to run', () => log.ended.length === 3);
    const { groups } = await queue.groups.list({ limit: 1 });
    expect(groups).toEqual([{ name: 'a', waiting: 3, active: 0, isPaused: true }]);
    await queue.groups.resume('a');
    await waitFor('the rest to run', () => log.ended.length === 6, { timeoutMs: 1_000 });
  });

  it('start at exactly the times that their rate allows, in virtual time', async () => {
    const clock = harness.virtualClock();
    const connection = await harness.connect({ clock });
    const timed = await harness.queue('timed', { connection });
    await timed.config.set({ groups: { rateLimit: { max: 2, perMs: 60_000 } } });
    const began = clock.now();
    const starts: [unknown, number][] = [];
    const handler = (job: ActiveJob): void => void starts.push([job.data, (clock.now() - began) / 1_000]);
    await harness.worker({ connection, queues: 'timed', handler, concurrency: 10 });
    const drafts = ['a', 'a', 'a', 'a', 'a', 'b'].map((group) => ({ name: 'any', data: group, options: { group } }));
    await timed.addMany(drafts);
    await clock.advance('5m');
    expect(starts.toSorted(([a, x], [b, y]) => String(a).localeCompare(String(b)) || x - y)).toEqual([
      ['a', 0],
      ['a', 0],
      ['a', 60],
      ['a', 60],
      ['a', 120],
      ['b', 0],
    ]);
  });

  it.each([1, 2, 3])(
    'are never beyond their limits, whatever is added and changed meanwhile: seed %d',
    async (seed) => {
      const random = new Random(seed);
      const names = ['a', 'b', 'c', 'd', 'e', 'f'];
      let limit = 2;
      let allowed = limit;
      let changedAt = 0;
      const running = new Map<string, number>();
      const faults: string[] = [];
      let ended = 0;
      const handler = async (job: ActiveJob): Promise<void> => {
        const name = job.data as string;
        running.set(name, (running.get(name) ?? 0) + 1);
        if (running.get(name)! > allowed) faults.push(`${running.get(name)} of ${name}, and ${allowed} may`);
        await new Promise((resolve) => setTimeout(resolve, random.int(5)));
        running.set(name, running.get(name)! - 1);
        if (ended++ > changedAt + 40) allowed = limit;
      };
      await queue.config.set({ groups: { concurrency: limit } });
      for (let n = 0; n < 4; n++) await harness.worker({ handler, concurrency: 6 });
      let added = 0;
      for (let round = 0; round < 25; round++) {
        const count = 1 + random.int(12);
        added += count;
        await queue.addMany(
          Array.from({ length: count }, () => {
            const group = random.pick(names);
            return { name: 'any', data: group, options: { group, priority: random.pick([0, 0, 3]) } };
          }),
        );
        const next = 1 + random.int(3);
        allowed = Math.max(allowed, limit, next);
        changedAt = ended;
        limit = next;
        await queue.config.set({ groups: { concurrency: limit } });
      }
      await waitFor('all to end', () => ended === added, { timeoutMs: 20_000 });
      expect(faults).toEqual([]);
      await waitFor('no group to be left', async () => (await queue.groups.list()).groups.length === 0);
    },
  );
});
