import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ActiveJob, Job, Worker, WorkerHooks } from '@millrace/core';
import { callsOf } from '../core/support/calls-of.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from '../worker/support/gate.ts';
import { PATIENCE, ProxiedWorker } from './support/proxied-worker.ts';

const LEASE_MS = 900;
const PERMIT_MS = 0.9 * LEASE_MS;

/** The permit of a worker that cannot renew is over: seen on the clock, as nothing else tells of it. */
function permitIsOver(): Promise<unknown> {
  const from = performance.now();
  return waitFor('the permit to be over', () => performance.now() - from > PERMIT_MS + 50);
}

describe('a handler that is about to start when the lease does not surely hold', () => {
  let scene: ProxiedWorker;
  let gate: Gate;
  /** The jobs whose handlers began in the worker behind the proxy. */
  let started: string[];

  beforeEach(async () => {
    scene = await ProxiedWorker.prepare();
    gate = new Gate();
    started = [];
  });

  afterEach(async () => {
    gate.open();
    await scene.close();
  });

  const handler = ({ id }: ActiveJob): string => {
    started.push(id);
    return 'late';
  };

  function start(hooks: WorkerHooks = {}, commandTimeoutMs = 300): Promise<unknown> {
    // Keeper and main thread share the proxy: what cuts one off cuts both off.
    return scene.start({ handler, hooks, lease: { durationMs: LEASE_MS, keeper: 'main' } }, { commandTimeoutMs });
  }

  /** Another worker, beside the proxy. It takes no job until it is resumed, and looks after lost leases all the while. */
  async function another(run: (job: ActiveJob) => unknown): Promise<Worker> {
    const connection = await scene.harness.connect({}, scene.direct.description);
    const other = await scene.harness.worker({ connection, handler: run, lease: { durationMs: LEASE_MS } });
    other.pause();
    return other;
  }

  it('after a hook that took long does not, and the job runs elsewhere once [core:A6]', async () => {
    const hooked = new Gate();
    const onStart = async (): Promise<void> => {
      hooked.open();
      await gate.opened;
    };
    await start({ onStart });
    const [job] = (await scene.add(1)) as [Job];
    await hooked.opened;
    const other = await another(() => 'elsewhere');
    scene.proxy.blackhole();
    await permitIsOver();
    gate.open();
    other.resume();
    const [ended] = await scene.ended([job]);
    expect(ended).toMatchObject({ state: 'completed', result: 'elsewhere' });
    await scene.proxy.pass();
    expect(await scene.leavesNothing(other)).toEqual([]);
    expect(started).not.toContain(job.id);
  });

  it('after its start was marked does so when the lease holds again, and no sooner [core:A6]', async () => {
    const [job] = (await scene.add(1)) as [Job];
    // A suspect, whose start is marked in Redis first.
    await scene.direct.client.hset(`${scene.harness.prefix}:{mail}:m`, job.id, '10,0,0,0,S,');
    const isMark = callsOf('start');
    const marked = new Gate();
    void scene.proxy.cutBeforeForward((args) => {
      // From here on each answer comes later than a permit lasts.
      if (isMark(args)) {
        scene.proxy.delay(0.6 * LEASE_MS);
        marked.open();
      }
      return false;
    });
    await start({}, 5_000);
    await marked.opened;
    const from = performance.now();
    await waitFor('the mark to be answered', () => performance.now() - from > 1.6 * LEASE_MS);
    expect(started).toEqual([]);
    await scene.proxy.pass();
    const [ended] = await scene.ended([job]);
    expect(ended).toMatchObject({ state: 'completed', stalls: 0 });
    expect(started).toEqual([job.id]);
  });

  it('from its buffer does not: what was taken ahead runs elsewhere [core:A6]', async () => {
    const slow = (job: ActiveJob): Promise<void> => {
      handler(job);
      return gate.opened;
    };
    const lease = { durationMs: LEASE_MS, keeper: 'main' } as const;
    // Without hooks: where one is to hear of the end, the slot is free only when Redis has answered.
    const settings = { handler: slow, hooks: {}, lease, concurrency: 1, prefetch: 5 };
    await scene.start(settings, { commandTimeoutMs: 300 });
    const jobs = await scene.add(6);
    await waitFor('jobs to be taken ahead', async () => (await scene.queue.counts()).active === 6, PATIENCE);
    await waitFor('the first of them to run', () => started.length === 1, PATIENCE);
    const elsewhere: string[] = [];
    const other = await another(({ id }) => void elsewhere.push(id));
    scene.proxy.blackhole();
    await permitIsOver();
    // Its slot is free now, and five jobs are at hand.
    gate.open();
    other.resume();
    await scene.ended(jobs);
    expect(started).toEqual([jobs[0]!.id]);
    expect([...elsewhere].sort()).toEqual(jobs.map(({ id }) => id).sort());
    await scene.proxy.pass();
    expect(await scene.leavesNothing(other)).toEqual([]);
  });
});
