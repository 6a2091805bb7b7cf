import { waitFor } from '../../support/wait-for.ts';
import type { Trial } from './stage.ts';

/** What a running job can do. */
export const RUNNING: Readonly<Record<string, Trial>> = {
  progress: async (stage) => {
    const job = await stage.running();
    await job.progress({ done: 3 });
    return (await stage.queue.get('x'))?.progressValue;
  },
  log: async (stage) => {
    const job = await stage.running();
    await job.log('one');
    return stage.queue.log('x');
  },
  checkpoint: async (stage) => {
    const job = await stage.running();
    await job.checkpoint({ n: 2 });
    return (await stage.queue.get('x'))?.data;
  },
  extend: async (stage) => {
    const job = await stage.running();
    job.extend(60_000);
    return (await stage.queue.get('x'))?.state;
  },
  ttlMs: async (stage) => (await stage.running()).ttlMs(),
  step: async (stage) => {
    const job = await stage.running();
    return [await job.step('s', () => 1), await job.step('s', () => 2)];
  },
  results: async (stage) => {
    await stage.queue.add('first', 1, { id: 'first' });
    const { id } = await stage.queue.add('then', null, { dependsOn: ['first'] });
    await stage.work(async (job) => (job.name === 'first' ? 7 : (await job.results()).get('first')));
    return stage.queue.result(id);
  },
  moveTo: async (stage) => {
    const [from, to] = await stage.pair();
    await from.add('job', { n: 1 }, { id: 'x' });
    await stage.work((job) => job.moveTo(to.name, { n: 2 }), from);
    await stage.state('x', 'waiting', to);
    return (await to.get('x'))?.data;
  },
  completeWith: async (stage) => {
    const [from, to] = await stage.pair();
    await from.add('job', { n: 1 }, { id: 'x' });
    await stage.work((job) => job.completeWith('done', { queue: to.name, name: 'next', data: { n: 2 } }), from);
    await stage.state('x', 'completed', from);
    return [(await from.get('x'))?.result, (await to.counts()).waiting];
  },
};

/** What a worker can do. */
export const WORKER: Readonly<Record<string, Trial>> = {
  start: async (stage) => (await stage.work()).state,
  stop: async (stage) => {
    await stage.running();
    const worker = await stage.work();
    await worker.stop({ timeoutMs: 100 });
    return worker.state;
  },
  pause: async (stage) => {
    const worker = await stage.work();
    worker.pause();
    await stage.queue.add('job', null);
    return [worker.state, (await stage.queue.counts()).waiting];
  },
  resume: async (stage) => {
    const worker = await stage.work();
    worker.pause();
    const { id } = await stage.queue.add('job', 'done');
    worker.resume();
    return stage.queue.result(id);
  },
  check: async (stage) => {
    const worker = await stage.work();
    return (await worker.check()).state;
  },
  health: async (stage) => {
    const worker = await stage.work();
    await waitFor('a first poll', () => worker.health().state === 'running');
    return Object.keys(worker.health()).sort();
  },
};
