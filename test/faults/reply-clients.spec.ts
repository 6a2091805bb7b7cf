import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, OutcomeUnknownError, silentLogger, type AnyJobs, type Connection, type Queue } from '@millrace/core';
import { Redis, type RedisOptions } from 'ioredis';
import { callsOf } from '../core/support/calls-of.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { ending, fetching } from './support/exchanges.ts';
import { PATIENCE, ProxiedWorker } from './support/proxied-worker.ts';

const JOBS = 30;
const TIMEOUT_MS = 600;
const SLACK_MS = 1_500;

type ClientOptions = Omit<RedisOptions, 'replyMapping'>;

/** What an application may have set on a client that it hands over; see the guide of ioredis. */
const CLIENTS: readonly (readonly [string, ClientOptions])[] = [
  ['as it comes', {}],
  ['that never sends again', { autoResendUnfulfilledCommands: false }],
  ['that never sends again and never gives up', { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: null }],
  ['that never sends again and gives up at once', { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 }],
  ['that sends again without end', { maxRetriesPerRequest: null }],
  ['that gives up at once', { maxRetriesPerRequest: 0 }],
  ['that gives up soon', { commandTimeout: 200 }],
  ['that queues nothing', { enableOfflineQueue: false, autoResendUnfulfilledCommands: false }],
];

describe('a lost reply, on a client of the application', () => {
  let scene: ProxiedWorker;
  let client: Redis | undefined;
  let connection: Connection | undefined;

  beforeEach(async () => {
    scene = await ProxiedWorker.prepare();
  });
  afterEach(async () => {
    await scene.proxy.pass();
    await scene.worker?.stop();
    await connection?.close();
    client?.disconnect();
    await scene.close();
  });

  /** Adds jobs; whether it was told that they were added or that nobody knows, these are they. */
  async function addTo(queue: Queue<AnyJobs>): Promise<readonly { readonly id: string }[]> {
    try {
      return await queue.addMany(Array.from({ length: JOBS }, (_, data) => ({ name: 'any', data })));
    } catch (error) {
      if (OutcomeUnknownError.is(error)) return error.ids.map((id) => ({ id }));
      throw error;
    }
  }

  async function open(options: ClientOptions, commandTimeoutMs: number): Promise<Connection> {
    client = new Redis(scene.proxy.url, { ...options, lazyConnect: true });
    client.on('error', () => undefined);
    await client.connect();
    const settings = { prefix: scene.harness.prefix, commandTimeoutMs, logger: silentLogger };
    connection = await connect(client, settings);
    return connection;
  }

  it.each(CLIENTS)(
    'costs nothing and doubles nothing: %s [core:A1] [core:A9] [core:A10] [case:R8]',
    async (_: string, options: ClientOptions) => {
      const { witness, proxy, harness } = scene;
      const connection = await open(options, 1_000);
      const producer = await harness.queue('mail', { connection });
      const adding = proxy.cutAfterExecuted(callsOf('add'));
      const jobs = await addTo(producer);
      const cuts = [proxy.cutAfterExecuted(fetching), proxy.cutAfterExecuted(ending('c'))];
      await scene.startOn(connection, { handler: witness.handler(), concurrency: 5 });
      await within('the cuts', Promise.all([adding, ...cuts]), PATIENCE.timeoutMs);
      expect((await scene.ended(jobs)).map(({ state }) => state)).toEqual(Array(JOBS).fill('completed'));
      expect(await scene.leavesNothing()).toEqual([]);
      expect(witness.runs).toHaveLength(JOBS + 1);
      for (const { id } of jobs) expect(witness.toldOf(id)).toEqual(['start', 'success']);
      expect((await scene.queue.counts()).completed).toBe(JOBS + 1);
    },
  );

  it.each(CLIENTS)(
    'keeps no call waiting for longer than its time, what nobody could tell of is there once, and a dead socket is replaced: %s [case:R8] [case:R9] [case:I16]',
    async (_: string, options: ClientOptions) => {
      const { proxy, harness } = scene;
      const queue = await harness.queue('mail', { connection: await open(options, TIMEOUT_MS) });
      await queue.add('any', 'before');
      const silent = [() => proxy.blackhole(), () => proxy.half(), () => (proxy.refuse(), proxy.reset())];
      const unknown: string[] = [];
      for (const breaks of silent) {
        breaks();
        const calls = [queue.add('any', 'unknown'), queue.counts(), queue.cancel('none'), queue.result('none')];
        const settled = await within('the calls to settle', Promise.allSettled(calls), TIMEOUT_MS + SLACK_MS);
        for (const each of settled) {
          const reason = each.status === 'rejected' ? (each.reason as { code?: string }) : {};
          expect(['OUTCOME_UNKNOWN', 'NO_REDIS']).toContain(reason.code);
          if (OutcomeUnknownError.is(reason)) unknown.push(...reason.ids);
        }
        await proxy.pass();
        await waitFor('Redis to answer', () => queue.counts());
      }
      // Its socket has died, and new ones pass: nobody ends it but whoever waits for answers.
      proxy.silence();
      await waitFor('another socket', () => queue.counts(), { timeoutMs: 2 * TIMEOUT_MS + SLACK_MS });
      const { id } = await queue.add('any', 'after');
      const ids = (await scene.queue.list('waiting')).jobs.map((job) => job.id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.filter((each) => each !== id && !unknown.includes(each))).toHaveLength(1);
      await scene.queue.drain();
    },
  );
});
