import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Queue, VirtualClock, type AnyJobs, type Job, type JobOptions } from '@millrace/core';
import { Proxy } from '../support/proxy.ts';
import { rawCommand } from '../support/redis-client.ts';
import { redisUrl } from '../support/redis.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { callsOf } from './support/calls-of.ts';
import { CommandCount } from './support/command-count.ts';
import { Harness } from './support/harness.ts';

describe('adding over a connection that is cut after the command was executed', () => {
  let proxy: Proxy;
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let direct: Harness;
  let watcher: Queue<AnyJobs>;

  beforeEach(async () => {
    proxy = await Proxy.start(redisUrl());
    harness = new Harness(proxy.url);
    queue = await harness.queue();
    await queue.counts();
    direct = new Harness();
    watcher = await direct.queue('mail', { connection: await direct.connect({ prefix: harness.prefix }) });
  });

  afterEach(async () => {
    await direct.close();
    await harness.close();
    await proxy.close();
  });

  /** Makes the call, loses the reply to it, and checks that Redis got the command twice. */
  async function cut<T>(call: () => Promise<T>): Promise<T> {
    const count = await CommandCount.start(direct.url);
    const happened = proxy.cutAfterExecuted(callsOf('add', 'addChecked'));
    const [answer] = await within('the answer', Promise.all([call(), happened]));
    expect(await count.of('evalsha')).toBeGreaterThanOrEqual(2);
    return answer;
  }

  it.each<[string, JobOptions | undefined]>([
    ['a plain job', undefined],
    ['a delayed job', { delayMs: 60_000 }],
    ['a job with a priority', { priority: 3 }],
    ['an id of its own', { id: 'mine' }],
    ['an id that must be free', { id: 'mine', onConflict: 'reject' }],
    ['an id that may be replaced', { id: 'mine', onConflict: 'replace' }],
  ])('stores %s once, and the caller hears that it was added [core:A10] [core:A12]', async (_, options) => {
    const job = await cut(() => queue.add('welcome', 1, options));
    expect(job.outcome).toBe('added');
    const { waiting, delayed } = await watcher.counts();
    expect(waiting + delayed).toBe(1);
    expect((await watcher.get(job.id))?.data).toBe(1);
  });

  it('stores a batch once [core:A10] [core:A12]', async () => {
    const drafts = Array.from({ length: 50 }, (_, n) => ({ name: 'welcome', data: n }));
    const jobs = await cut(() => queue.addMany(drafts));
    expect(jobs.map(({ outcome }) => outcome)).toEqual(drafts.map(() => 'added'));
    expect((await watcher.counts()).waiting).toBe(50);
  });

  it('tells the same outcomes of a mixed batch as the first time [core:A12]', async () => {
    await watcher.add('welcome', 'old', { id: 'a' });
    await watcher.add('welcome', 'old', { id: 'b' });
    const draft = (id: string, onConflict: 'keep' | 'replace' | 'reject') => ({
      name: 'welcome',
      data: 'new',
      options: { id, onConflict },
    });
    const jobs = await cut(() => queue.addMany([draft('a', 'keep'), draft('b', 'replace'), draft('c', 'reject')]));
    expect(jobs.map(({ outcome, data }) => [outcome, data])).toEqual([
      ['kept', 'old'],
      ['replaced', 'new'],
      ['added', 'new'],
    ]);
    expect((await watcher.counts()).waiting).toBe(3);
  });

  it('refuses a conflict the second time as well [core:A12]', async () => {
    await watcher.add('welcome', 'old', { id: 'a' });
    const refused = cut(() => queue.add('welcome', 'new', { id: 'a', onConflict: 'reject' }).catch((error) => error));
    expect(await refused).toMatchObject({ code: 'JOB_CONFLICT', jobId: 'a' });
    expect((await watcher.get('a'))?.data).toBe('old');
  });

  it('does not replace a job again that runs by now [core:A12]', async () => {
    await watcher.add('welcome', 'old', { id: 'a', delayMs: 60_000 });
    const ran: unknown[] = [];
    let end = (): void => {};
    const ending = new Promise<void>((resolve) => (end = resolve));
    const handler = async ({ data }: { data: unknown }): Promise<void> => {
      ran.push(data);
      await ending;
    };
    await direct.worker({ handler, connection: await direct.connect({ prefix: harness.prefix }) });
    const happened = proxy.cutAfterExecuted(callsOf('addChecked'));
    proxy.refuse();
    const replacing = queue.add('welcome', 'new', { id: 'a', onConflict: 'replace', onActive: 'cancel' });
    await happened;
    await waitFor('the job to run', () => ran.length === 1);
    await proxy.pass();
    expect((await replacing).outcome).toBe('replaced');
    expect((await watcher.get('a'))?.state).toBe('active');
    end();
    await watcher.result('a');
    expect(ran).toEqual(['new']);
  });

  it('loses and doubles nothing with two batches in flight [core:A10]', async () => {
    const added: Promise<Job>[] = [];
    const cuts = [1, 2, 3, 4].map(() => proxy.cutAfterExecuted(callsOf('add')));
    for (let n = 0; n < 3_000; n++) {
      added.push(queue.add('welcome', n));
      if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const jobs = await Promise.all(added);
    await within('the cuts', Promise.all(cuts));
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(3_000);
    expect((await watcher.counts()).waiting).toBe(3_000);
  });
});

describe('a lane', () => {
  let harness: Harness;

  beforeEach(() => {
    harness = new Harness();
  });
  afterEach(() => harness.close());

  async function lanes(): Promise<string[]> {
    const reply = await rawCommand(Number(new URL(harness.url).port), ['HKEYS', `${harness.prefix}:{mail}:l`]);
    return [...reply.matchAll(/\r\n([0-9A-Za-z]{9})(?=\r\n)/g)].map(([, name = '']) => name);
  }

  it('belongs to one queue object, and takes one call at a time: two in flight are two [core:A10]', async () => {
    const [a, b] = await Promise.all([harness.queue(), harness.queue()]);
    await Promise.all([a.add('welcome', 1), b.add('welcome', 1)]);
    expect(await lanes()).toHaveLength(2);
    await Promise.all(Array.from({ length: 1_000 }, () => a.add('welcome', 1)));
    expect(await lanes()).toHaveLength(3);
  });

  it('is given up after an hour without a call, long before Redis forgets it [core:A10]', async () => {
    const clock = new VirtualClock();
    const queue = await harness.queue('mail', { connection: await harness.connect({ clock }) });
    await queue.add('welcome', 1);
    await clock.advance('59m');
    await queue.add('welcome', 1);
    const before = await lanes();
    expect(before).toHaveLength(1);
    await clock.advance('61m');
    await queue.add('welcome', 1);
    expect(await lanes()).toEqual([...before, expect.any(String)]);
  });
});
