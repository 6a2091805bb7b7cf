import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, type ActiveJob, type Job } from '@millrace/core';
import * as scripts from '../../libs/core/dist/redis/scripts.generated.js';
import { callsOf, type ScriptName } from '../core/support/calls-of.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { Gate } from '../worker/support/gate.ts';
import { ending, fetching } from './support/exchanges.ts';
import { PATIENCE, ProxiedWorker } from './support/proxied-worker.ts';

describe('a call of a worker, executed by Redis and cut off before its answer', () => {
  let scene: ProxiedWorker;
  let gate: Gate;

  beforeEach(async () => {
    scene = await ProxiedWorker.prepare();
    gate = new Gate();
  });
  afterEach(async () => {
    gate.open();
    await scene.close();
  });

  /** The next call of a script is cut off; resolves when it was. */
  function cut(name: ScriptName): Promise<void> {
    return within(`${name} to be cut off`, scene.proxy.cutAfterExecuted(callsOf(name)), PATIENCE.timeoutMs);
  }

  /** A handler that holds its job until the gate opens. */
  function waiting(): (job: ActiveJob) => unknown {
    return scene.witness.handler(() => gate.opened);
  }

  async function running(count: number): Promise<void> {
    await waitFor(`${count} to run`, () => scene.witness.runs.length === count, PATIENCE);
  }

  /**
   * All jobs have ended well, after one run each of which the hooks heard once; and nothing is left.
   *
   * @param leases how often each was leased: more often than expected, and one lease had been leaked
   */
  async function ranOnce(jobs: readonly Job[], leases = jobs.map(() => 1)): Promise<void> {
    const { witness } = scene;
    for (const { state } of await scene.ended(jobs)) expect(state).toBe('completed');
    const events = await Promise.all(jobs.map(({ id }) => scene.eventsOf(id, 'completed')));
    expect(events.map((types) => types.filter((type) => type === 'active').length)).toEqual(leases);
    expect(events.flat().filter((type) => type === 'completed')).toHaveLength(jobs.length);
    expect(await scene.leavesNothing()).toEqual([]);
    for (const { id } of jobs) expect(witness.toldOf(id)).toEqual(['start', 'success']);
    expect(witness.runs).toHaveLength(jobs.length + 1);
    expect(witness.aborted).toEqual([]);
    expect((await scene.queue.counts()).completed).toBe(jobs.length + 1);
  }

  it('opens one epoch [case:R7]', async () => {
    const jobs = await scene.add(5);
    const happened = cut('open');
    await scene.start({ handler: scene.witness.handler() });
    await happened;
    expect(await scene.queue.workers()).toHaveLength(1);
    await ranOnce(jobs);
  });

  it('leases jobs once, and holds none that it does not run [core:A1] [case:C2] [case:R7]', async () => {
    const jobs = await scene.add(40);
    const happened = within('the cut', scene.proxy.cutAfterExecuted(fetching), PATIENCE.timeoutMs);
    await scene.start({ handler: waiting(), concurrency: 10, prefetch: 5 });
    await happened;
    await running(10);
    // A fetch that had an effect twice would hold more than are run and taken ahead.
    expect((await scene.queue.counts()).active).toBeLessThanOrEqual(15);
    gate.open();
    await ranOnce(jobs);
  });

  it('leases jobs once, however often that happens [core:A1] [case:C2]', async () => {
    const jobs = await scene.add(200);
    const cuts = Array.from({ length: 10 }, () => scene.proxy.cutAfterExecuted(callsOf('exchange')));
    await scene.start({ handler: scene.witness.handler(), concurrency: 5, prefetch: 5 });
    await within('the cuts', Promise.all(cuts), PATIENCE.timeoutMs);
    await ranOnce(jobs);
  });

  it('gives jobs back that were taken ahead, once and in their order [core:A9] [case:R7]', async () => {
    const jobs = await scene.add(5);
    const worker = await scene.start({ handler: waiting(), concurrency: 1, prefetch: 4 });
    await waitFor('jobs to be taken ahead', async () => (await scene.queue.counts()).active === 5, PATIENCE);
    const happened = scene.proxy.cutAfterExecuted(ending('g'));
    worker.pause();
    await within('the cut', happened, PATIENCE.timeoutMs);
    await waitFor('them to be back', async () => (await scene.queue.counts()).waiting === 4, PATIENCE);
    gate.open();
    worker.resume();
    await ranOnce(jobs, [1, 2, 2, 2, 2]);
    expect(scene.witness.runs.slice(0, 5)).toEqual(jobs.map(({ id }) => id));
  });

  it('renews the lease, and nothing that runs is disturbed [case:R7]', async () => {
    const jobs = await scene.add(3);
    await scene.start({ handler: waiting(), lease: { durationMs: 900 } });
    await running(3);
    const [before] = await scene.queue.workers();
    await cut('renew');
    // Twice the lease later it would have been lost.
    const until = Date.now() + 1_800;
    await waitFor('renewals', async () => (await scene.queue.workers())[0]!.leaseUntil.getTime() > until, PATIENCE);
    expect((await scene.queue.workers())[0]?.epoch).toBe(before?.epoch);
    gate.open();
    await ranOnce(jobs);
  });

  it('releases what the worker does not know of, once, and none of what it runs [core:A1] [case:R7]', async () => {
    const { direct, harness, queue } = scene;
    const base = `${harness.prefix}:{mail}`;
    const jobs = await scene.add(2);
    await scene.start({ handler: waiting(), concurrency: 1, prefetch: 0, lease: { durationMs: 900 } });
    await running(1);
    const [worker] = await queue.workers();
    const happened = cut('reconcile');
    // A leak made by hand: the second job was leased by the first call, and the worker never heard of it.
    const [, second] = jobs as [Job, Job];
    await direct.client
      .multi()
      .lrem(`${base}:r`, 1, second.id)
      .hset(`${base}:h:${worker?.epoch}`, second.id, '0.1.')
      .exec();
    await happened;
    await waitFor('the release', async () => (await queue.get(second.id))?.state === 'waiting', PATIENCE);
    gate.open();
    await ranOnce(jobs);
  });

  it('marks a suspect as started, and it runs once [case:R7]', async () => {
    const jobs = await scene.add(3);
    await vanishWith(3);
    await waitFor('the lease of the lost worker to end', async () => {
      const [lost] = await scene.queue.workers();
      return lost !== undefined && lost.leaseUntil.getTime() < Date.now();
    });
    const happened = cut('start');
    await scene.start({ handler: scene.witness.handler() });
    await happened;
    await ranOnce(jobs, [2, 2, 2]);
  });

  /** Leases jobs for a worker that is never heard of again. */
  async function vanishWith(want: number): Promise<void> {
    const { direct, harness } = scene;
    const base = `${harness.prefix}:{mail}`;
    const facts = { now: undefined, epoch: 'vanished' };
    await direct.scripts.run(scripts.open, base, { ...facts, version: 1, lease: 200, info: '{}' });
    const call = { slot: '0', seq: 1, want, chunk: 10, park: 0, received: 0, ends: [] };
    await direct.scripts.run(scripts.exchange, base, { ...facts, ...call });
  }

  it('notes progress, the result of a step, and a line of the log once [core:A13] [case:R7]', async () => {
    const { witness, proxy, queue } = scene;
    const steps: string[] = [];
    const noteOf = (kind: string) => (args: readonly string[]) => callsOf('note')(args) && args[8] === kind;
    const handler = async (job: ActiveJob): Promise<unknown> => {
      if (job.data === 'after') return 'done';
      const cuts = ['p', 't', 'l'].map((kind) => proxy.cutAfterExecuted(noteOf(kind)));
      await job.progress({ done: 7 });
      await job.step('charge', () => steps.push(job.id));
      await job.log('one');
      await within('the cuts', Promise.all(cuts), PATIENCE.timeoutMs);
      await job.log('two');
      return job.step('charge', () => 0);
    };
    const jobs = await scene.add(1);
    const { id } = jobs[0]!;
    await scene.start({ handler: witness.handler(handler) });
    await ranOnce(jobs);
    expect(steps).toEqual([id]);
    expect(await queue.log(id)).toEqual(['one', 'two']);
    expect(await queue.get(id)).toMatchObject({ progressValue: { done: 7 }, result: 1 });
  });

  it('promotes delayed jobs once [case:R7]', async () => {
    const jobs = await scene.add(20, { options: { delayMs: 1 } });
    await waitFor('them to be due', () => jobs.every(({ runAt }) => runAt!.getTime() < Date.now()));
    const happened = cut('housekeep');
    await scene.start({ handler: scene.witness.handler() });
    await happened;
    await ranOnce(jobs);
  });

  it('sets jobs of an unknown name aside once, and claims them once [core:A9] [core:A13] [case:R7]', async () => {
    const { witness, proxy, queue } = scene;
    const jobs = await scene.add(5, { name: 'late' });
    const aside = proxy.cutAfterExecuted(ending('n'));
    const first = await scene.start({ handlers: { early: witness.handler() } });
    await within('the cut', aside, PATIENCE.timeoutMs);
    await waitFor('them to be set aside', async () => (await queue.counts()).unclaimed === 5, PATIENCE);
    await first.stop();
    const claimed = cut('claim');
    await scene.start({ handlers: { late: witness.handler(), any: witness.handler() } });
    await claimed;
    await ranOnce(jobs, [2, 2, 2, 2, 2]);
    expect((await queue.counts()).unclaimed).toBe(0);
  });

  it('passes a wake-up on to another, who hears of it once [core:A13] [case:R7]', async () => {
    const { witness, harness, direct } = scene;
    const base = `${harness.prefix}:{mail}`;
    let heard = 0;
    const leave = await direct.subscriber.subscribe(`${base}:w:other`, () => heard++);
    const paused = await scene.start({ handler: witness.handler() });
    await waitFor('it to be parked', async () => (await direct.client.scard(`${base}:i`)) === 1, PATIENCE);
    paused.pause();
    let isCut = false;
    const happened = cut('nudge').then(() => (isCut = true));
    const jobs: Job[] = [];
    // Either of the two may be woken first; the paused one is not parked any more after it was.
    while (!isCut && jobs.length < 50) {
      await direct.client.sadd(`${base}:i`, 'other');
      jobs.push(...(await scene.add(1)));
      await waitFor('one to be woken', () => heard === jobs.length, PATIENCE);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await happened;
    await direct.client.srem(`${base}:i`, 'other');
    leave();
    paused.resume();
    await ranOnce(jobs);
    expect(heard).toBe(jobs.length);
  });

  it('closes the epoch and gives back what it held, once [core:B1] [case:R7]', async () => {
    const { witness, queue } = scene;
    const jobs = await scene.add(6);
    const handler = (job: ActiveJob): unknown =>
      new Promise((resolve) => job.signal.addEventListener('abort', resolve));
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
    const settings = { concurrency: 3, prefetch: 0, shutdownTimeoutMs: 0, logger };
    const first = await scene.start({ handler: witness.handler(handler), ...settings });
    await running(3);
    const happened = cut('close');
    await within('the stop', Promise.all([happened, first.stop()]), PATIENCE.timeoutMs);
    expect(await scene.traces()).toEqual([]);
    expect(warnings).toEqual(jobs.slice(0, 3).map(({ id }) => expect.stringContaining(`${id} (any) still ran`)));
    expect(await queue.counts()).toMatchObject({ waiting: 6, active: 0 });
    const order: string[] = [];
    const note = ({ id }: ActiveJob): void => void order.push(id);
    await scene.start({ handler: note, concurrency: 1 });
    for (const { failures, stalls } of await scene.ended(jobs)) expect([failures, stalls]).toEqual([0, 0]);
    expect(order).toEqual(jobs.map(({ id }) => id));
    expect(await scene.leavesNothing()).toEqual([]);
  });
});
