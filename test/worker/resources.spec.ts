import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ActiveJob, type AnyJobs, InvalidNameError, InvalidOptionError, type Queue } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { Random } from '../lua/support/random.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from './support/gate.ts';
import { RunLog } from './support/run-log.ts';

describe('resources that jobs use', () => {
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

  it('are said with the job, limited by the queue, and read back [seed:O2] [seed:O7] [seed:Q31]', async () => {
    const job = await queue.add('render', 1, { uses: { gpu: 1, 'api:stripe': 3 }, tags: ['a'] });
    expect(job.uses).toEqual({ 'api:stripe': 3, gpu: 1 });
    expect((await queue.get(job.id))?.uses).toEqual({ 'api:stripe': 3, gpu: 1 });
    await queue.resources.set('gpu', 4);
    await queue.resources.setDefault(3);
    await harness.worker({ handler: () => gate.opened });
    await waitFor('it to run', async () => (await queue.counts()).active === 1);
    expect(await queue.resources.get()).toEqual({
      default: 3,
      resources: [
        { name: 'api:stripe', used: 3, waiting: 0 },
        { name: 'gpu', limit: 4, used: 1, waiting: 0 },
      ],
    });
    gate.open();
    await queue.result(job.id);
    await queue.resources.unset('gpu');
    await queue.resources.setDefault(null);
    expect(await queue.resources.get()).toEqual({ resources: [] });
  });

  it.each([
    [{ gpu: 0 }, InvalidOptionError],
    [{ gpu: 1.5 }, InvalidOptionError],
    [['gpu'], InvalidOptionError],
    [Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`r${i}`, 1])), InvalidOptionError],
    [{ 'g\tpu': 1 }, InvalidNameError],
  ])('cannot be %j', async (uses, error) => {
    await expect(queue.add('render', 1, { uses: uses as never })).rejects.toBeInstanceOf(error);
    await expect(queue.resources.set('gpu', -1)).rejects.toBeInstanceOf(InvalidOptionError);
  });

  it('that are short let other jobs pass; one that becomes free starts who waits for it at once', async () => {
    await queue.resources.set('gpu', 1);
    const log = new RunLog();
    const using = log.handler((job: ActiveJob) => (job.data === 'first' ? gate.opened : undefined));
    for (let n = 0; n < 2; n++) await harness.worker({ handler: using, concurrency: 5, prefetch: 20 });
    await queue.add('render', 'first', { uses: { gpu: 1 } });
    await waitFor('it to run', () => log.running === 1);
    const later = await queue.addMany(
      Array.from({ length: 20 }, () => ({ name: 'render', data: 1, options: { uses: { gpu: 1 } } })),
    );
    const others = await queue.addMany(Array.from({ length: 20 }, () => ({ name: 'mail', data: 1 })));
    await waitFor('the others to end', () => log.ended.length === 20);
    expect(log.ended).toEqual(others.map(({ id }) => id));
    await waitFor('their ends to be stored', async () => (await queue.counts()).active === 1);
    expect(await queue.counts()).toMatchObject({ waiting: 20, active: 1 });
    gate.open();
    await waitFor('all to end', () => log.ended.length === 41, { timeoutMs: 1_500 });
    expect(log.ended.slice(21)).toEqual(later.map(({ id }) => id));
  });

  it('are shared by the queues of a slot', async () => {
    const log = new RunLog();
    const queues = [await harness.queue('one', { slot: 'shop' }), await harness.queue('two', { slot: 'shop' })];
    await queues[0]!.resources.set('gpu', 2);
    for (const { name } of queues) {
      const handler = log.handler(() => new Promise<void>((resolve) => setTimeout(resolve, 2)));
      await harness.worker({ queues: { name, slot: 'shop' }, handler, concurrency: 5 });
    }
    const add = (to: Queue<AnyJobs>): Promise<unknown> =>
      to.addMany(Array.from({ length: 60 }, () => ({ name: 'any', data: 1, options: { uses: { gpu: 1 } } })));
    await Promise.all(queues.map(add));
    await waitFor('all to end', () => log.ended.length === 120);
    expect(log.peak).toBe(2);
  });

  it('are free again when a queue of the slot is deleted while its jobs run', async () => {
    const [one, two] = [await harness.queue('one', { slot: 'shop' }), await harness.queue('two', { slot: 'shop' })];
    await one.resources.set('gpu', 1);
    await harness.worker({ queues: { name: 'one', slot: 'shop' }, handler: () => gate.opened });
    await one.add('any', 1, { uses: { gpu: 1 } });
    await waitFor('it to run', async () => (await one.counts()).active === 1);
    const job = await two.add('any', 1, { uses: { gpu: 1 } });
    await harness.worker({ queues: { name: 'two', slot: 'shop' }, handler: () => 'done' });
    await one.delete({ force: true });
    expect(await two.result(job.id)).toBe('done');
  });

  it.each([1, 2, 3])(
    'are never used beyond their limits, whatever is added and changed meanwhile: seed %d [seed:O7] [case:X16] [seed:A35]',
    async (seed) => {
      const random = new Random(seed);
      const names = ['gpu', 'api', 'disk'] as const;
      type Amounts = Partial<Record<(typeof names)[number], number>>;
      /** Each resource's limits in order; the one before the last may be in effect while the last is on its way. */
      const limits = { gpu: [3], api: [5], disk: [2] };
      const inEffect = { gpu: 0, api: 0, disk: 0 };
      /** What runs, with the places of the limits that were in effect when it was added. */
      const running = new Set<{ uses: Amounts; since: typeof inEffect }>();
      const faults: string[] = [];
      let ended = 0;
      // All that run at once were leased by the moment of the last lease among them, and that is after each was added.
      const check = (name: (typeof names)[number]): void => {
        const users = [...running].filter(({ uses }) => uses[name]);
        const used = users.reduce((sum, { uses }) => sum + uses[name]!, 0);
        const most = Math.max(...limits[name].slice(Math.max(0, ...users.map(({ since }) => since[name]))));
        if (used > most) faults.push(`${used} of ${name}, and there are ${most}`);
      };
      const handler = async (job: ActiveJob): Promise<void> => {
        const run = job.data as { uses: Amounts; since: typeof inEffect };
        running.add(run);
        names.forEach(check);
        if (running.size > 8) faults.push(`${running.size} run at once`);
        await new Promise((resolve) => setTimeout(resolve, random.int(6)));
        running.delete(run);
        ended += 1;
      };
      await queue.config.set({ concurrency: 8 });
      for (const name of names) await queue.resources.set(name, limits[name][0]!);
      for (let n = 0; n < 4; n++) await harness.worker({ handler, concurrency: 5 });
      let added = 0;
      for (let round = 0; round < 60; round++) {
        const drafts = Array.from({ length: 1 + random.int(10) }, () => {
          const used = names.filter(() => random.chance(0.4));
          const uses = Object.fromEntries(used.map((name) => [name, 1 + random.int(2)]));
          const data = { uses, since: { ...inEffect } };
          return { name: 'any', data, options: { uses, priority: random.pick([0, 0, 5, -5]) } };
        });
        added += drafts.length;
        await queue.addMany(drafts);
        const name = random.pick([...names]);
        const limit = 2 + random.int(4);
        limits[name].push(limit);
        await queue.resources.set(name, limit);
        inEffect[name] = limits[name].length - 1;
        // A short backlog: what runs was added under few limits, so that the bound is a narrow one.
        await waitFor('the backlog to be short', () => added - ended < 20, { timeoutMs: 20_000 });
      }
      await waitFor('all to end', () => ended === added, { timeoutMs: 20_000 });
      expect(faults).toEqual([]);
      await waitFor('all to be free', async () => {
        const { resources } = await queue.resources.get();
        return resources.every((each) => each.used + each.waiting === 0);
      });
    },
  );
});
