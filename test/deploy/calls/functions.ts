import { allEvents, listQueues, metricsText, probeJobs } from '@millrace/core';
import { waitFor } from '../../support/wait-for.ts';
import type { Trial } from './stage.ts';

/** What the package offers for queues beside the methods of `Queue`. */
export const FUNCTIONS: Readonly<Record<string, Trial>> = {
  listQueues: async (stage) => {
    const { connection, name } = stage;
    const names = ['a', 'b', 'c'].map((letter) => `${name} ${letter}`);
    for (const each of names) await stage.open(each).add('job', null);
    const infos = (await listQueues(connection, { limit: 1_000 })).filter((info) => names.includes(info.name));
    return infos.map((info) => [info.name, info.counts.waiting]);
  },
  allEvents: async (stage) => {
    const { connection, name } = stage;
    const queues = ['a', 'b', 'c'].map((letter) => stage.open(`${name} ${letter}`));
    const heard = new Set<string>();
    const ending = new AbortController();
    const options = { queues: queues.map((queue) => queue.name), signal: ending.signal };
    const listening = (async () => {
      for await (const event of allEvents(connection, options)) heard.add(event.queue);
    })();
    await waitFor('events of all', async () => {
      for (const queue of queues) await queue.add('job', null);
      return heard.size === 3;
    });
    ending.abort();
    await listening;
    return heard.size;
  },
  probeJobs: async (stage) => {
    const ending = new AbortController();
    const results: unknown[] = [];
    const probing = probeJobs(stage.queue, {
      states: { completed: 'result' },
      handler: ({ result }) => results.push(result),
      signal: ending.signal,
    });
    await stage.work();
    await waitFor('a result', async () => {
      await stage.queue.add('job', 'done');
      return results.length > 0;
    });
    ending.abort();
    await probing;
    return results[0];
  },
  metricsText: async ({ connection, queue, name }) => {
    await queue.add('job', null);
    const text = await metricsText(connection, { memory: true, limit: 1_000 });
    return text.split('\n').filter((line) => line.startsWith('millrace_jobs{') && line.includes(`queue="${name}"`));
  },
};
