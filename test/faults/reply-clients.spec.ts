import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, OutcomeUnknownError, silentLogger, type AnyJobs, type Connection, type Queue } from '@millrace/core';
import { Redis, type RedisOptions } from 'ioredis';
import { callsOf } from '../core/support/calls-of.ts';
import { within } from '../support/wait-for.ts';
import { ending, fetching } from './support/exchanges.ts';
import { PATIENCE, ProxiedWorker } from './support/proxied-worker.ts';

const JOBS = 30;

type ClientOptions = Omit<RedisOptions, 'replyMapping'>;

/** What an application may have set on a client that it hands over; see the guide of ioredis. */
const CLIENTS: readonly (readonly [string, ClientOptions])[] = [
  ['as it comes', {}],
  ['that never sends again', { autoResendUnfulfilledCommands: false }],
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

  it.each(CLIENTS)(
    'costs nothing and doubles nothing: %s [core:A1] [core:A9] [core:A10] [case:R8]',
    async (_: string, options: ClientOptions) => {
      const { witness, proxy, harness } = scene;
      client = new Redis(proxy.url, { ...options, lazyConnect: true });
      client.on('error', () => undefined);
      await client.connect();
      connection = await connect(client, { prefix: harness.prefix, commandTimeoutMs: 1_000, logger: silentLogger });
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
});
