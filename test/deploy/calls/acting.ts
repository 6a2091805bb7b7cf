import type { Stage, Trial } from './stage.ts';

/** A job of that id that waits for its time. */
async function delayed({ queue }: Stage, id = 'x'): Promise<void> {
  await queue.add('job', { n: 1 }, { id, delayMs: 3_600_000 });
}

/** A job of that id that no list has any more. */
export async function homeless({ queue, name, connection }: Stage): Promise<void> {
  await queue.add('job', { n: 1 }, { id: 'x' });
  await connection.client.del(`${connection.prefix}:{${name}}:r`);
}

/** Calls of a queue that change what is there. */
export const ACTING: Readonly<Record<string, Trial>> = {
  pause: async (stage) => {
    await stage.work();
    await stage.queue.pause({ wait: true });
    await stage.queue.add('job', null);
    return (await stage.queue.counts()).waiting;
  },
  resume: async (stage) => {
    await stage.queue.pause();
    await stage.work();
    const { id } = await stage.queue.add('job', 'done');
    await stage.queue.resume();
    return stage.queue.result(id);
  },
  repair: async (stage) => {
    await homeless(stage);
    const { findings } = await stage.queue.repair();
    return [findings, await stage.queue.counts()];
  },
  cancel: async (stage) => {
    const job = await stage.running();
    await delayed(stage, 'y');
    const said = await stage.queue.cancel(['x', 'none'], { waitMs: 5_000 });
    return [said, job.signal.aborted, await stage.queue.cancel({ state: 'delayed' })];
  },
  expire: async (stage) => {
    await stage.running();
    return stage.queue.expire('x', 'none');
  },
  remove: async (stage) => {
    await delayed(stage);
    await delayed(stage, 'y');
    return [await stage.queue.remove('x', 'none'), await stage.queue.remove({ state: 'delayed' })];
  },
  promote: async (stage) => {
    await delayed(stage);
    await delayed(stage, 'y');
    return [await stage.queue.promote('x', 'none'), await stage.queue.promote({ state: 'delayed' })];
  },
  retry: async (stage) => {
    await stage.failed('x');
    const first = await stage.queue.retry('x', 'none');
    await stage.failed('y');
    return [first, await stage.queue.retry({ state: 'failed' })];
  },
  discard: async (stage) => {
    await stage.failed('x');
    return stage.queue.discard({ state: 'failed' });
  },
  prioritize: async ({ queue }) => {
    await queue.add('job', null, { id: 'x' });
    return [await queue.prioritize('x', 'high'), (await queue.get('x'))?.priority];
  },
  update: async (stage) => {
    await delayed(stage);
    return [await stage.queue.update('x', { data: { n: 2 } }), (await stage.queue.get('x'))?.data];
  },
  move: async (stage) => {
    const [from, to] = await stage.pair();
    await from.add('job', { n: 1 }, { id: 'x' });
    await from.move('x', to.name, { data: { n: 2 } });
    return [await from.get('x'), (await to.get('x'))?.data];
  },
  addDependency: async (stage) => {
    const [from, to] = await stage.pair();
    await to.add('job', null, { id: 'first' });
    await from.add('job', null, { id: 'then' });
    return from.addDependency('then', { queue: to.name, id: 'first' });
  },
  removeDependency: async (stage) => {
    const [from, to] = await stage.pair();
    await to.add('job', null, { id: 'first' });
    await from.add('job', null, { id: 'then', dependsOn: [{ queue: to.name, id: 'first' }] });
    return from.removeDependency('then');
  },
  tag: async ({ queue }) => {
    await queue.add('job', null, { id: 'x' });
    await queue.tag('x', 'a', 'b');
    return (await queue.get('x'))?.tags;
  },
  untag: async ({ queue }) => {
    await queue.add('job', null, { id: 'x', tags: ['a', 'b'] });
    await queue.untag('x', 'a');
    return (await queue.get('x'))?.tags;
  },
  track: async ({ queue }) => {
    await queue.add('job', null, { id: 'x' });
    return queue.track('x', 'none');
  },
  untrack: async ({ queue }) => {
    await queue.add('job', null, { id: 'x' });
    await queue.track('x');
    await queue.untrack('x');
    return (await queue.tracked()).jobs.length;
  },
  drain: async ({ queue }) => {
    await queue.addMany(Array.from({ length: 250 }, () => ({ name: 'job', data: null })));
    return [await queue.drain(), await queue.counts()];
  },
  delete: async (stage) => {
    await stage.failed('x');
    await delayed(stage, 'y');
    await stage.queue.delete({ force: true });
    return stage.queue.counts();
  },
  forget: async ({ queue }) => {
    await queue.counts();
    await queue.forget();
    return queue.counts();
  },
  deregister: async (stage) => {
    await stage.running();
    const [worker] = await stage.queue.workers();
    const refused = await stage.queue.deregister(worker?.epoch ?? '').catch((error: Error) => error.name);
    return refused;
  },
  close: async ({ queue }) => {
    await queue.close();
    return queue.counts().catch((error: Error) => error.name);
  },
};
