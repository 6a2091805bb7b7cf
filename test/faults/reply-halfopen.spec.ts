import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ActiveJob, Job } from '@millrace/core';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from '../worker/support/gate.ts';
import { PATIENCE, ProxiedWorker } from './support/proxied-worker.ts';

/** After so long without an answer a socket is taken for dead. */
const SILENCE_MS = 600;
/** Longer than any silence here, the keeper's included: it says something three times a lease. */
const LEASE_MS = 6_000;
/** For connecting again, on a machine that may be busy. */
const SLACK_MS = 2_000;
const TEST_MS = 40_000;

type Role = 'commands' | 'subscriber' | 'keeper';

/** A socket as Redis sees it. */
interface Socket {
  readonly id: number;
  readonly port: number;
  readonly name: string;
  /** How many channels it listens to. */
  readonly channels: number;
  readonly idleS: number;
}

describe('a socket of a worker that died silently', () => {
  let scene: ProxiedWorker;
  let gate: Gate;
  let long: Job;

  beforeEach(async () => {
    scene = await ProxiedWorker.prepare();
    gate = new Gate();
    const { witness } = scene;
    const handler = witness.handler(({ data }: ActiveJob) => (data === 'long' ? gate.opened : 'done'));
    const lease = { durationMs: LEASE_MS, keeper: 'thread' } as const;
    await scene.start({ handler, lease, concurrency: 3 }, { commandTimeoutMs: SILENCE_MS });
    [long] = (await scene.add(1, { data: 'long' })) as [Job];
    await waitFor('a job to run', () => witness.runs.length === 1, PATIENCE);
    await waitFor('all sockets', async () => areAll(await sockets()), PATIENCE);
  });

  afterEach(async () => {
    gate.open();
    await scene.close();
  });

  /** Those of the worker whose ends are open here, the oldest first. */
  async function sockets(): Promise<Socket[]> {
    const list = (await scene.direct.client.call('CLIENT', 'LIST')) as string;
    const rows = [...list.matchAll(/^id=(\d+) addr=\S*:(\d+) .*?name=(\S*) .*?idle=(\d+) .*?\bsub=(\d+)/gm)];
    return rows
      .map(([, id, port, name = '', idle, sub]) => ({
        id: Number(id),
        port: Number(port),
        name,
        channels: Number(sub),
        idleS: Number(idle),
      }))
      .filter(({ port }) => scene.proxy.portsAtRedis.includes(port))
      .sort((a, b) => a.id - b.id);
  }

  /** One for commands, one of the keeper, and one that listens. */
  function areAll(all: readonly Socket[]): boolean {
    const listening = all.filter(({ name, channels }) => name === 'millrace:subscriber' && channels > 0);
    const commanding = all.filter(({ name }) => name === 'millrace:commands');
    return all.length === 3 && listening.length === 1 && commanding.length === 2;
  }

  async function socketOf(role: Role): Promise<Socket> {
    const all = await sockets();
    if (role === 'subscriber') return all.find(({ name }) => name === 'millrace:subscriber')!;
    return all.filter(({ name }) => name === 'millrace:commands').at(role === 'commands' ? 0 : -1)!;
  }

  /** All sockets are there and none is one of those. */
  async function replaced(dead: readonly Socket[]): Promise<void> {
    const ports = new Set(dead.map(({ port }) => port));
    await waitFor(
      'new sockets',
      async () => {
        const now = await sockets();
        return areAll(now) && now.every(({ port }) => !ports.has(port));
      },
      PATIENCE,
    );
  }

  const epoch = async (): Promise<string | undefined> => (await scene.queue.workers())[0]?.epoch;

  /** The job that ran all along has ended well, new ones do too, and each ran once, under the one lease. */
  async function goesOn(before: string | undefined, more: readonly Job[]): Promise<void> {
    const { witness } = scene;
    await scene.ended(more);
    expect(await epoch()).toBe(before);
    gate.open();
    await scene.ended([long]);
    expect(witness.aborted).toEqual([]);
    for (const { id } of [long, ...more]) {
      await waitFor('the hooks', () => witness.toldOf(id).length === 2);
      expect(witness.toldOf(id)).toEqual(['start', 'success']);
    }
    expect(await scene.leavesNothing()).toEqual([]);
    expect(witness.runs).toHaveLength(more.length + 2);
  }

  // How often each says something at least: housekeeping, a heartbeat, a renewal.
  it.each<[Role, number]>([
    ['commands', 1_000],
    ['subscriber', SILENCE_MS],
    ['keeper', LEASE_MS / 3],
  ])(
    'is found out within two heartbeats and replaced while new ones pass, and no lease is lost: %s [case:R9]',
    async (role, heartbeatMs) => {
      const before = await epoch();
      // It has its scripts by then, and nothing to say until the next renewal.
      if (role === 'keeper')
        await waitFor('the keeper to be quiet', async () => (await socketOf(role)).idleS > 0, PATIENCE);
      const dead = await socketOf(role);
      scene.proxy.silence([dead.port]);
      const from = performance.now();
      await replaced([dead]);
      expect(performance.now() - from).toBeLessThan(2 * heartbeatMs + SLACK_MS);
      await goesOn(before, await scene.add(20));
    },
    TEST_MS,
  );

  it(
    'is found out and replaced where all of them died at once [case:R9] [case:T14]',
    async () => {
      const before = await epoch();
      const dead = await sockets();
      scene.proxy.silence();
      const jobs = await scene.add(20);
      await replaced(dead);
      await goesOn(before, jobs);
    },
    TEST_MS,
  );

  it(
    'is tried again for as long as nothing gets through; what ended meanwhile is handed in once [case:R9]',
    async () => {
      const before = await epoch();
      const dead = await sockets();
      scene.proxy.blackhole();
      const jobs = await scene.add(20);
      gate.open();
      // The keeper's is not dead before it has had something to say.
      const tried = new Set<number>();
      const areGivenUp = (): boolean => {
        const now = scene.proxy.portsAtRedis;
        for (const port of now) tried.add(port);
        return dead.every(({ port }) => !now.includes(port)) && tried.size >= 3 * dead.length;
      };
      await waitFor('all sockets to be given up, and others', areGivenUp, PATIENCE);
      expect((await scene.queue.get(long.id))?.state).toBe('active');
      await scene.proxy.pass();
      await replaced(dead);
      await goesOn(before, jobs);
    },
    TEST_MS,
  );
});
