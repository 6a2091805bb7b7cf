import { waitFor } from '../../support/wait-for.ts';
import { batch, Worker } from '@millrace/core';
import type { Stage, Trial } from './stage.ts';

/** A worker whose jobs wait for each other, and one of them that does. */
async function openBatch({ connection, queue, name }: Stage): Promise<Worker> {
  const handlers = { job: batch({ maxSize: 10, graceMs: 3_600_000, maxDelayMs: 3_600_000 }, () => undefined) };
  const worker = new Worker({ connection, queues: name, handlers, lease: { keeper: 'main' }, shutdownTimeoutMs: 200 });
  await worker.start();
  await queue.add('job', null);
  await waitFor('the batch', async () => (await queue.batches.list()).batches.length === 1);
  return worker;
}

/** Calls of the parts of a queue. */
export const PARTS: Readonly<Record<string, Trial>> = {
  'config.get': ({ queue }) => queue.config.get(),
  'config.set': ({ queue }) => queue.config.set({ concurrency: 3, rateLimit: { max: 10, perMs: 1_000 } }),
  'config.unset': async ({ queue }) => {
    await queue.config.set({ concurrency: 3 });
    return queue.config.unset('concurrency');
  },
  'groups.list': async ({ queue }) => {
    for (const group of ['a', 'b']) await queue.add('job', null, { group });
    return (await queue.groups.list()).groups.map(({ name, waiting }) => ({ name, waiting }));
  },
  'groups.set': async ({ queue }) => {
    await queue.groups.set('a', { concurrency: 2 });
    return (await queue.groups.list()).groups.length;
  },
  'groups.unset': async ({ queue }) => {
    await queue.groups.set('a', { concurrency: 2 });
    await queue.groups.unset('a');
    return (await queue.groups.list()).groups.length;
  },
  'groups.pause': async (stage) => {
    await stage.queue.groups.pause('a');
    await stage.queue.add('job', null, { group: 'a' });
    await stage.work();
    return (await stage.queue.groups.list()).groups.map(({ name, waiting, isPaused }) => ({ name, waiting, isPaused }));
  },
  'groups.resume': async (stage) => {
    await stage.queue.groups.pause('a');
    const { id } = await stage.queue.add('job', 'done', { group: 'a' });
    await stage.work();
    await stage.queue.groups.resume('a');
    return stage.queue.result(id);
  },
  'resources.get': ({ queue }) => queue.resources.get(),
  'resources.set': async ({ queue }) => {
    await queue.resources.set('gpu', 2);
    return queue.resources.get();
  },
  'resources.setDefault': async ({ queue }) => {
    await queue.resources.setDefault(1);
    return queue.resources.get();
  },
  'resources.unset': async ({ queue }) => {
    await queue.resources.set('gpu', 2);
    await queue.resources.unset('gpu');
    return queue.resources.get();
  },
  'batches.list': async (stage) => {
    const worker = await openBatch(stage);
    const { batches } = await stage.queue.batches.list();
    await worker.stop();
    return batches.map(({ name, size }) => ({ name, size }));
  },
  'batches.flush': async (stage) => {
    const worker = await openBatch(stage);
    const flushed = await stage.queue.batches.flush('job');
    await waitFor('its end', async () => (await stage.queue.counts()).completed === 1);
    await worker.stop();
    return flushed;
  },
};
