import { waitFor } from '../../support/wait-for.ts';
import { homeless } from './acting.ts';
import type { Stage, Trial } from './stage.ts';

/** Some jobs that have completed. */
async function someDone(stage: Stage): Promise<void> {
  await stage.queue.addMany(['a', 'b', 'c'].map((id) => ({ name: 'job', data: null, options: { id } })));
  await stage.work();
  await waitFor('them to end', async () => (await stage.queue.counts()).completed === 3);
}

/** Calls of a queue that look at what is there. */
export const LOOKING: Readonly<Record<string, Trial>> = {
  get: async ({ queue }) => {
    await queue.add('job', { n: 1 }, { id: 'x' });
    return [(await queue.get('x'))?.data, await queue.get('none')];
  },
  getMany: async ({ queue }) => {
    await queue.addMany(['a', 'b'].map((id) => ({ name: 'job', data: id, options: { id } })));
    return (await queue.getMany(['a', 'none', 'b'])).map(({ data }) => data);
  },
  list: async ({ queue }) => {
    await queue.addMany(['a', 'b', 'c'].map((id) => ({ name: 'job', data: id, options: { id } })));
    const { jobs, cursor } = await queue.list('waiting', { limit: 2 });
    const rest = await queue.list('waiting', { cursor });
    return [jobs, rest.jobs].map((page) => page.map(({ id }) => id));
  },
  counts: async (stage) => {
    await someDone(stage);
    return stage.queue.counts();
  },
  verify: async (stage) => {
    await homeless(stage);
    return (await stage.queue.verify()).findings;
  },
  unclaimed: async (stage) => {
    await stage.queue.add('job', null);
    return stage.queue.unclaimed();
  },
  latency: async ({ queue }) => {
    await queue.add('job', null, { id: 'x', priority: 2 });
    const { ms, byPriority } = await queue.latency();
    return [ms < 10_000, byPriority.map(({ id, priority }) => ({ id, priority }))];
  },
  memory: async (stage) => {
    await someDone(stage);
    return Object.values(await stage.queue.memory()).every((bytes) => typeof bytes !== 'number' || bytes >= 0);
  },
  info: async (stage) => {
    await someDone(stage);
    const { name, slot, counts, isPaused, workers, stalled } = await stage.queue.info();
    return { name, slot, counts, isPaused, workers, stalled };
  },
  workers: async (stage) => {
    await stage.work();
    return (await stage.queue.workers()).map(({ held, running }) => ({ held, running }));
  },
  log: async (stage) => {
    const job = await stage.running();
    await job.log('one');
    await job.log('two');
    return stage.queue.log('x');
  },
  isPaused: async ({ queue }) => {
    const before = await queue.isPaused();
    await queue.pause();
    return [before, await queue.isPaused()];
  },
  failures: async (stage) => {
    await stage.failed('x');
    const { groups } = await stage.queue.failures();
    const jobs = await stage.queue.failures(groups[0]?.group ?? '');
    return [groups.map(({ group, count }) => ({ group, count })), jobs.jobs.map(({ id }) => id)];
  },
  history: async (stage) => {
    await stage.failed('x');
    return (await stage.queue.history('x')).map(({ type }) => type);
  },
  dependencies: async (stage) => {
    const [from, to] = await stage.pair();
    await to.add('job', null, { id: 'first' });
    await from.add('job', null, { id: 'then', dependsOn: [{ queue: to.name, id: 'first' }] });
    return (await from.dependencies('then')).dependencies.map(({ id, state }) => ({ id, state }));
  },
  dependents: async (stage) => {
    const [from, to] = await stage.pair();
    await to.add('job', null, { id: 'first' });
    await from.add('job', null, { id: 'then', dependsOn: [{ queue: to.name, id: 'first' }] });
    return (await to.dependents('first')).dependents.map(({ id, state }) => ({ id, state }));
  },
  tagged: async ({ queue }) => {
    await queue.add('job', null, { id: 'x', tags: ['vip'] });
    const { jobs, total } = await queue.tagged('vip');
    return [jobs.map(({ id }) => id), total];
  },
  topTags: async ({ queue }) => {
    await queue.add('job', null, { tags: ['vip', 'new'] });
    await queue.add('job', null, { tags: ['vip'] });
    return queue.topTags();
  },
  tracked: async ({ queue }) => {
    await queue.add('job', null, { id: 'x' });
    await queue.track('x');
    return (await queue.tracked()).jobs.map(({ id }) => id);
  },
  stats: async (stage) => {
    await someDone(stage);
    const stats = await stage.queue.stats();
    return Object.keys(stats).sort();
  },
  statsByName: async (stage) => {
    await someDone(stage);
    return (await stage.queue.statsByName()).map(({ name }) => name);
  },
  statsHistory: async (stage) => (await stage.queue.statsHistory(3)).length,
  totals: async (stage) => {
    await someDone(stage);
    return stage.queue.totals();
  },
  throughput: async (stage) => (await stage.queue.throughput({ minutes: 3 })).length,
  events: async (stage) => {
    const { queue } = stage;
    const heard: string[] = [];
    const listening = (async () => {
      for await (const { id, type } of queue.events({ types: ['completed'] })) {
        heard.push(`${id} ${type}`);
        if (id === 'last') return;
      }
    })();
    await stage.work();
    await waitFor('an event', async () => {
      await queue.add('job', null);
      return heard.length > 0;
    });
    await queue.add('job', null, { id: 'last' });
    await listening;
    return heard.at(-1);
  },
};
