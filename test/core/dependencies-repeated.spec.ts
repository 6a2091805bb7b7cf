import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyJobs, Queue } from '@millrace/core';
import { Proxy } from '../support/proxy.ts';
import { redisUrl } from '../support/redis.ts';
import { within } from '../support/wait-for.ts';
import { callsOf, type ScriptName } from './support/calls-of.ts';
import { CommandCount } from './support/command-count.ts';
import { Harness } from './support/harness.ts';

describe('a change of dependencies whose reply is lost after it was made', () => {
  let proxy: Proxy;
  let harness: Harness;
  let direct: Harness;
  let queue: Queue<AnyJobs>;
  let watcher: Queue<AnyJobs>;

  beforeEach(async () => {
    proxy = await Proxy.start(redisUrl());
    direct = new Harness();
    watcher = await direct.queue();
    harness = new Harness(proxy.url);
    queue = await harness.queue('mail', { connection: await harness.connect({ prefix: direct.prefix }) });
    await queue.counts();
    await watcher.addMany(['a', 'b', 'c'].map((id) => ({ name: id, data: 1, options: { id } })));
  });

  afterEach(async () => {
    await harness.close();
    await direct.close();
    await proxy.close();
  });

  async function cut<T>(name: ScriptName, call: () => Promise<T>): Promise<T> {
    const count = await CommandCount.start(direct.url);
    const happened = proxy.cutAfterExecuted(callsOf(name));
    const [answer] = await within('the answer', Promise.all([call(), happened]));
    expect(await count.of('evalsha')).toBeGreaterThanOrEqual(2);
    return answer;
  }

  const states = async (): Promise<unknown[]> =>
    Promise.all(['a', 'b', 'c'].map(async (id) => (await watcher.get(id))?.state));

  it('is made once: addDependency, removeDependency [core:A13] [seed:Q13]', async () => {
    expect(await cut('link', () => queue.addDependency('b', ['a', 'c']))).toBe('blocked');
    expect((await watcher.dependencies('b')).total).toBe(2);
    expect(await cut('link', () => queue.removeDependency('b', 'a'))).toBe('blocked');
    expect(await cut('link', () => queue.removeDependency('b', 'c'))).toBe('waiting');
    expect(await states()).toEqual(['waiting', 'waiting', 'waiting']);
    // It has one place in the queue.
    expect((await watcher.list('waiting')).jobs.map(({ id }) => id)).toEqual(['a', 'c', 'b']);
  });

  it('does not take away again what was said since [core:A13]', async () => {
    await queue.addDependency('b', 'a');
    const happened = proxy.cutAfterExecuted(callsOf('link'));
    proxy.refuse();
    const removing = queue.removeDependency('b', 'a');
    await within('the cut', happened);
    await watcher.addDependency('b', 'a');
    await proxy.pass();
    expect(await removing).toBe('waiting');
    expect(await states()).toEqual(['waiting', 'blocked', 'waiting']);
  });

  it('cancels what waits for a job once, and refuses again what it has refused [core:A13] [seed:Q12]', async () => {
    await watcher.addDependency('b', 'a');
    await watcher.addDependency('c', 'b');
    await expect(cut('cancel', () => queue.cancel('a'))).rejects.toThrow(/others wait for it \(b\)/);
    expect(await states()).toEqual(['waiting', 'blocked', 'blocked']);
    expect(await cut('cancel', () => queue.cancel('a', { dependents: 'cascade' }))).toEqual(['cancelled']);
    expect(await states()).toEqual(['cancelled', 'cancelled', 'cancelled']);
  });
});
