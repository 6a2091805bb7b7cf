import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  batch,
  FINAL_STATES,
  LIVE_STATES,
  UnrecoverableError,
  type ActiveJob,
  type AnyJobs,
  type Connection,
  type Queue,
} from '@millrace/core';
import type { Redis } from 'ioredis';
import * as scripts from '../../libs/core/dist/redis/scripts.generated.js';
import { callsOf, type ScriptName } from '../core/support/calls-of.ts';
import { Harness } from '../core/support/harness.ts';
import { LiveQueue } from '../lua/support/live-queue.ts';
import { Proxy } from '../support/proxy.ts';
import { redisUrl } from '../support/redis.ts';
import { waitFor, within } from '../support/wait-for.ts';

/** What a case can use: a queue and another one of its slot, and workers. */
interface Scene {
  readonly queue: Queue<AnyJobs>;
  readonly other: Queue<AnyJobs>;
  /** Its keys, to be damaged. */
  readonly redis: Redis;
  readonly base: string;
  /** Runs jobs until this is so. */
  work(handler: (job: ActiveJob) => unknown, until: () => Promise<boolean>): Promise<void>;
}

interface Case {
  readonly script: ScriptName;
  /** What has to be there before, made where nothing is cut off. */
  readonly prepare?: (scene: Scene) => Promise<unknown>;
  /** Ends in a call of the script; what its caller is told. */
  readonly act: (scene: Scene) => Promise<unknown>;
}

const LATER = { delayMs: 3_600_000 };
const waiting = ({ queue }: Scene): Promise<unknown> => queue.add('any', 1, { id: 'x' });
const delayed = ({ queue }: Scene): Promise<unknown> => queue.add('any', 1, { id: 'x', ...LATER });
const scheduled = ({ queue }: Scene): Promise<unknown> => queue.schedule('s', { everyMs: 3_600_000 }, { name: 'any' });
const failed = ({ queue, work }: Scene): Promise<unknown> =>
  Promise.all([
    queue.addMany(['x', 'y', 'z'].map((id) => ({ name: 'any', data: 1, options: { id } }))),
    work(
      () => Promise.reject(new UnrecoverableError('no')),
      async () => (await queue.counts()).failed === 3,
    ),
  ]);
const batched = ({ queue, work }: Scene): Promise<unknown> =>
  Promise.all([
    queue.add('any', 1, { id: 'x' }),
    work(batch({ graceMs: 3_600_000 }, () => undefined) as never, async () => (await queue.counts()).aggregating === 1),
  ]);

const repaired = async ({ queue }: Scene): Promise<unknown> =>
  (await queue.repair()).findings.map(({ kind, outcome }) => [kind, outcome]);

/** Every command that changes something, by a call of a queue or by a worker. */
const CASES: readonly Case[] = [
  { script: 'register', act: async ({ queue }) => (await queue.add('any', 1)).state },
  { script: 'declare', act: async ({ queue }) => (await queue.add('any', 1)).state },
  {
    script: 'add',
    act: async ({ queue }) => (await queue.addMany([1, 2].map((data) => ({ name: 'any', data })))).length,
  },
  {
    script: 'addChecked',
    act: async ({ queue }) =>
      (await queue.add('any', 1, { id: 'x', onConflict: 'reject', unique: { key: 'u' } })).outcome,
  },
  { script: 'cancel', prepare: waiting, act: ({ queue }) => queue.cancel('x') },
  { script: 'discard', prepare: failed, act: ({ queue }) => queue.discard({ state: 'failed', limit: 2 }) },
  { script: 'drain', prepare: waiting, act: ({ queue }) => queue.drain() },
  {
    script: 'expire',
    prepare: waiting,
    act: async ({ queue, work }) => {
      let told: unknown;
      await work(
        async ({ id, signal }) => {
          if (told !== undefined) return;
          told = queue.expire(id);
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        },
        async () => (await queue.get('x'))?.state === 'completed',
      );
      return told;
    },
  },
  {
    script: 'link',
    prepare: async ({ queue }) => [
      await queue.add('any', 1, { id: 'x', ...LATER }),
      await queue.add('any', 2, { id: 'y', ...LATER }),
    ],
    act: ({ queue }) => queue.addDependency('x', 'y'),
  },
  { script: 'move', prepare: waiting, act: ({ queue, other }) => queue.move('x', other.name) },
  { script: 'pauseSchedule', prepare: scheduled, act: ({ queue }) => queue.pauseSchedule('s') },
  { script: 'prioritize', prepare: waiting, act: ({ queue }) => queue.prioritize('x', 7) },
  { script: 'promote', prepare: delayed, act: ({ queue }) => queue.promote('x') },
  { script: 'remove', prepare: waiting, act: ({ queue }) => queue.remove('x') },
  { script: 'retryMany', prepare: failed, act: ({ queue }) => queue.retry({ state: 'failed', limit: 2 }) },
  { script: 'retry', prepare: failed, act: ({ queue }) => queue.retry('x') },
  { script: 'schedule', act: async ({ queue }) => queue.schedule('s', { everyMs: 3_600_000 }, { name: 'any' }) },
  { script: 'tag', prepare: waiting, act: ({ queue }) => queue.tag('x', 'blue') },
  { script: 'track', prepare: waiting, act: ({ queue }) => queue.track('x') },
  { script: 'unschedule', prepare: scheduled, act: ({ queue }) => queue.unschedule('s') },
  { script: 'update', prepare: waiting, act: ({ queue }) => queue.update('x', { data: 2 }) },
  { script: 'configure', act: ({ queue }) => queue.config.set({ concurrency: 3 }) },
  { script: 'forgetQueue', prepare: waiting, act: ({ queue }) => queue.forget() },
  { script: 'retire', prepare: waiting, act: ({ queue }) => queue.delete() },
  { script: 'limitGroup', act: ({ queue }) => queue.groups.set('g', { concurrency: 2 }) },
  { script: 'limitResources', act: ({ queue }) => queue.resources.set('gpu', 2) },
  { script: 'pause', act: ({ queue }) => queue.pause() },
  { script: 'fireBatches', prepare: batched, act: ({ queue }) => queue.batches.flush('any') },
  {
    script: 'wait',
    prepare: waiting,
    act: async ({ queue, work }) => {
      const result = queue.result('x', { timeoutMs: 10_000 });
      await work(
        () => 'done',
        async () => (await queue.counts()).completed === 1,
      );
      return result;
    },
  },
  {
    script: 'checkpoint',
    prepare: ({ queue }) => queue.add('any', 'a', { id: 'x', backoff: { type: 'fixed', delayMs: 0 } }),
    act: async ({ queue, work }) => {
      await work(
        async (job) => {
          if (job.data === 'b') return;
          await job.checkpoint('b');
          throw new Error('again');
        },
        async () => (await queue.counts()).completed === 1,
      );
    },
  },
  {
    script: 'fire',
    act: async ({ queue, work }) => {
      await queue.schedule('s', { everyMs: 100, limit: 2 }, { name: 'any' });
      await work(
        () => undefined,
        async () => (await queue.counts()).completed === 2,
      );
    },
  },
  {
    script: 'tally',
    prepare: waiting,
    act: async ({ queue, work }) => {
      await work(
        () => undefined,
        async () => (await queue.totals()).completed === 1,
      );
      return (await queue.stats()).run.count;
    },
  },
  {
    script: 'report',
    prepare: waiting,
    act: ({ queue, work }) =>
      work(
        () => new Promise((resolve) => setTimeout(resolve, 1_300)),
        async () => (await queue.counts()).completed === 1,
      ),
  },
  {
    script: 'mend',
    prepare: async (scene) => {
      await waiting(scene);
      await scene.redis.del(`${scene.base}:r`);
    },
    act: repaired,
  },
  { script: 'setAside', prepare: ({ redis, base }) => redis.set(`${base}:none`, 'stray'), act: repaired },
];

/** Those of a worker alone. */
const ELSEWHERE = 'test/faults/reply-calls.spec.ts';
const OF_WORKERS: readonly ScriptName[] = [
  ...(['open', 'exchange', 'renew', 'reconcile', 'start', 'note', 'housekeep', 'claim', 'nudge', 'close'] as const),
];

describe('the reply of each changing command, lost after it had its effect', () => {
  let proxy: Proxy;
  let harness: Harness;
  let direct: Connection;
  let behind: Connection;

  beforeAll(async () => {
    proxy = await Proxy.start(redisUrl());
    harness = new Harness();
    direct = await harness.connect();
    behind = await harness.connect({}, proxy.url);
  });

  afterAll(async () => {
    await harness.close();
    await proxy.close();
  });

  it('is lost in turn: there is no command that nobody has thought of [case:R7]', () => {
    const changing = Object.entries(scripts)
      .filter(([, script]) => typeof script === 'object' && 'repeat' in script && script.repeat !== 'read')
      .map(([name]) => name);
    expect([...CASES.map(({ script }) => script), ...OF_WORKERS].toSorted()).toEqual(changing.toSorted());
    const text = readFileSync(new URL(`../../${ELSEWHERE}`, import.meta.url), 'utf8');
    const unshown = OF_WORKERS.filter(
      (name) => !text.includes(`cut('${name}')`) && !text.includes(`callsOf('${name}')`),
    );
    expect(unshown).toEqual([]);
  });

  function baseOf(name: string, slot: string): string {
    return `${harness.prefix}:{${slot}}${Buffer.byteLength(name)}:${name}`;
  }

  /** A queue and its neighbour, seen through a connection. */
  async function sceneOn(connection: Connection, slot: string): Promise<Scene> {
    const [queue, other] = await Promise.all(
      ['mail', 'other'].map((name) => harness.queue(`${name}-${slot}`, { connection, slot })),
    );
    const work: Scene['work'] = async (handler, until) => {
      const settings = { handler, queues: [{ name: `mail-${slot}`, slot }], lease: { durationMs: 1_500 } };
      const worker = await harness.worker({ connection, ...settings });
      await waitFor('the work to be done', until);
      await worker.stop();
    };
    const redis = direct.client as unknown as Redis;
    return { queue: queue!, other: other!, redis, base: baseOf(queue!.name, slot), work };
  }

  /** Everything that there is to see of a queue, without times and minted ids. */
  async function facts({ queue, other }: Scene): Promise<unknown> {
    const jobs = [];
    for (const each of [queue, other])
      for (const state of [...LIVE_STATES, ...FINAL_STATES])
        for (const job of (await each.list(state)).jobs) {
          const { name, data, priority, tags, attempt, failures, stalls, dependsOn } = job;
          jobs.push({ state, name, data, priority, tags, attempt, failures, stalls, dependsOn });
        }
    return {
      jobs,
      counts: [await queue.counts(), await other.counts()],
      totals: await queue.totals(),
      config: await queue.config.get(),
      isPaused: await queue.isPaused(),
      groups: (await queue.groups.list()).groups,
      resources: await queue.resources.get(),
      tags: await queue.topTags(),
      tracked: (await queue.tracked()).jobs.map(({ id }) => id),
      schedules: (await queue.schedules()).schedules.map(({ id, state, count }) => ({ id, state, count })),
    };
  }

  it.each(CASES)('$script: one effect, and its caller is told the same as otherwise [case:R7]', async (each) => {
    const { script, prepare, act } = each;
    const plain = await sceneOn(direct, `plain-${script}`);
    await prepare?.(plain);
    const expected = { told: await act(plain), facts: await facts(plain) };

    const slot = `cut-${script}`;
    const watched = await sceneOn(direct, slot);
    await prepare?.(watched);
    const happened = proxy.cutAfterExecuted(callsOf(script));
    const told = await act(await sceneOn(behind, slot));
    await within(`a call of ${script}`, happened);
    expect(strip({ told, facts: await facts(watched) })).toEqual(strip(expected));
    for (const { name } of [watched.queue, watched.other]) {
      await new LiveQueue(direct.client as never, baseOf(name, slot)).isSound();
    }
  });
});

/** Times and what is drawn are not the same twice. */
function strip(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, each: unknown) => each),
    (key, each: unknown) => (/(At|On|Ms|since|Until|slot)$/.test(key) ? undefined : each),
  );
}
