import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ClosedError, type Queue } from '@millrace/core';
import { Proxy } from '../support/proxy.ts';
import { CommandCount } from './support/command-count.ts';
import { Harness } from './support/harness.ts';

describe('add', () => {
  let harness: Harness;
  let queue: Queue;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    await queue.counts();
  });

  afterEach(() => harness.close());

  it('shares one command among all calls of a tick, and each call gets its own job [seed:H2]', async () => {
    const count = await CommandCount.start(harness.url);
    const jobs = await Promise.all(Array.from({ length: 30 }, (_, n) => queue.add('welcome', { n })));
    expect(await count.of('evalsha')).toBe(1);
    expect(jobs.map(({ data }) => data)).toEqual(Array.from({ length: 30 }, (_, n) => ({ n })));
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(30);
  });

  it('shares two commands among many calls, one for each half, in their order', async () => {
    const count = await CommandCount.start(harness.url);
    const jobs = await Promise.all(Array.from({ length: 301 }, (_, n) => queue.add('welcome', { n })));
    expect(await count.of('evalsha')).toBe(2);
    expect(jobs.map(({ data }) => data)).toEqual(Array.from({ length: 301 }, (_, n) => ({ n })));
    const waiting = await queue.list('waiting', { limit: 1_000 });
    expect(waiting.jobs.map(({ id }) => id)).toEqual(jobs.map(({ id }) => id));
  });

  it('stores each job under the id that its call was told', async () => {
    const jobs = await Promise.all(Array.from({ length: 60 }, (_, n) => queue.add(`job-${n}`, n)));
    const stored = await Promise.all(jobs.map(({ id }) => queue.get(id)));
    expect(stored.map((job) => [job?.id, job?.name, job?.data])).toEqual(jobs.map(({ id }, n) => [id, `job-${n}`, n]));
  });

  it('splits what one command cannot take, and keeps the order of the calls', async () => {
    const count = await CommandCount.start(harness.url);
    const jobs = await Promise.all(Array.from({ length: 1_300 }, (_, n) => queue.add('welcome', n)));
    // 500, 500, and the last 300 in two halves or one, as lanes are free.
    expect([3, 4]).toContain(await count.of('evalsha'));
    const { jobs: waiting } = await queue.list('waiting', { limit: 1_000 });
    expect(waiting.map(({ id }) => id)).toEqual(jobs.slice(0, 1_000).map(({ id }) => id));
  });

  it('splits by size as well, so that no command holds the server for long', async () => {
    const count = await CommandCount.start(harness.url);
    const large = 'x'.repeat(400_000);
    await Promise.all(Array.from({ length: 6 }, () => queue.add('welcome', large)));
    expect(await count.of('evalsha')).toBe(3);
    expect((await queue.counts()).waiting).toBe(6);
  });

  it('has two commands in flight at most, and gathers the rest meanwhile', async () => {
    const proxy = await Proxy.start(harness.url);
    const slow = await harness.queue('mail', { connection: await harness.connect({}, proxy.url) });
    await slow.counts();
    proxy.delay(100);
    const count = await CommandCount.start(harness.url);
    const added: Promise<unknown>[] = [];
    for (let turn = 0; turn < 20; turn++) {
      added.push(slow.add('welcome', turn));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(added);
    expect(await count.of('evalsha')).toBe(3);
    expect((await queue.counts()).waiting).toBe(20);
    await proxy.close();
  });

  it('tells the job as it is stored, without reading it back', async () => {
    const count = await CommandCount.start(harness.url);
    const options = { priority: 5, meta: { tenant: 'a' }, maxAttempts: 3, delayMs: 60_000 };
    const job = await queue.add('welcome', { userId: '42' }, options);
    expect(await count.of('evalsha')).toBe(1);
    expect(job).toMatchObject({ name: 'welcome', queue: 'mail', state: 'delayed', outcome: 'added', priority: 5 });
    const stored = await queue.get(job.id);
    for (const field of ['data', 'meta', 'state', 'priority', 'createdAt', 'runAt', 'options', 'attempt'] as const) {
      expect([field, job[field]]).toEqual([field, stored?.[field]]);
    }
    expect(job.runAt?.getTime()).toBe(job.createdAt.getTime() + 60_000);
  });

  it('takes the data as it is at the call, whatever the caller changes afterwards [case:A19]', async () => {
    const data = { list: [1] };
    const options = { meta: { tenant: 'a' } };
    const added = queue.add('welcome', data, options);
    data.list.push(2);
    options.meta.tenant = 'b';
    const stored = await queue.get((await added).id);
    expect([stored?.data, stored?.meta]).toEqual([{ list: [1] }, { tenant: 'a' }]);
  });

  it('takes options as they are at the call, and changes none of them [case:A19]', async () => {
    const options = {
      tags: ['a'],
      unique: { key: 'k1' },
      backoff: { type: 'fixed', delayMs: 5 },
      keep: { completed: { ageMs: 9 } },
    };
    const given = structuredClone(options);
    const added = queue.add('welcome', 1, options as never);
    options.tags.push('b');
    options.unique.key = 'k2';
    options.backoff.delayMs = 99;
    const first = await queue.get((await added).id);
    expect([first?.tags, first?.options.backoff]).toEqual([['a'], expect.objectContaining({ delayMs: 5 })]);
    const frozen = Object.freeze({ ...given, unique: Object.freeze({ key: 'k3' }) });
    const again = await queue.addMany([1, 2].map((data) => ({ name: 'welcome', data, options: frozen as never })));
    expect(again.map(({ outcome }) => outcome)).toEqual(['added', 'kept']);
    expect(frozen).toEqual({ ...given, unique: { key: 'k3' } });
  });

  it('gives each attempt the data that was stored, whatever the one before made of it [case:A19]', async () => {
    const seen: string[] = [];
    await harness.worker({
      middleware: [
        (job, next) => {
          seen.push(JSON.stringify(job.data));
          return next();
        },
      ],
      handler: (job) => {
        const data = job.data as { list: number[]; extra?: boolean };
        data.list.push(2);
        data.extra = true;
        if (job.attempt < 3) throw new Error('again');
      },
    });
    const { id } = await queue.add('welcome', { list: [1] }, { backoff: { type: 'fixed', delayMs: 1 } });
    await queue.result(id);
    expect(seen).toEqual(Array(3).fill('{"list":[1]}'));
    expect((await queue.get(id))?.data).toEqual({ list: [1] });
  });

  it('is answered before its queue is closed, and refused after [case:A15]', async () => {
    const added = Promise.all(Array.from({ length: 20 }, (_, n) => queue.add('welcome', n)));
    await Promise.all([queue.close(), queue.close()]);
    await expect(added).resolves.toHaveLength(20);
    await expect(queue.add('welcome', 1)).rejects.toBeInstanceOf(ClosedError);
    await expect(queue.addMany([{ name: 'welcome', data: 1 }])).rejects.toBeInstanceOf(ClosedError);
  });

  it('is refused when the connection was closed under it [case:A15]', async () => {
    await (await harness.connection).close();
    await expect(queue.add('welcome', 1)).rejects.toBeInstanceOf(ClosedError);
  });
});
