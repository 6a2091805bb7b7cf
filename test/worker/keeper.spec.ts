import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';

import { connect, Worker, type AnyJobs, type Connection, type Queue } from '@millrace/core';
import { ConnectionLog } from '../core/connection-log.ts';
import { Harness } from '../core/support/harness.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from './support/gate.ts';

const SHORT = { durationMs: 900 };
const PATIENCE = { timeoutMs: 20_000 };

describe('the lease keeper', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let gate: Gate;
  let log: ConnectionLog;
  const ends: (() => unknown)[] = [];

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    gate = new Gate();
    log = new ConnectionLog();
  });

  afterEach(async () => {
    gate.open();
    await harness.close();
    for (const end of ends.splice(0)) await end();
  });

  it('runs in a thread, one for all workers of a connection, and ends with the last of them [core:A7]', async () => {
    const { client } = await harness.connection;
    const connections = async (): Promise<number> => {
      const clients = (await client.call('CLIENT', 'LIST')) as string;
      return clients.match(/name=millrace:commands/g)?.length ?? 0;
    };
    const before = await connections();
    const workers: Worker[] = [];
    for (const name of ['mail', 'other', 'third']) {
      workers.push(await harness.worker({ queues: name, handler: () => undefined, lease: { keeper: 'thread' } }));
    }
    for (const worker of workers) expect(worker.health().keeper).toBe('thread');
    await waitFor('it to be connected', async () => (await connections()) === before + 1);
    await workers[0]?.stop();
    await workers[1]?.stop();
    expect(await connections()).toBe(before + 1);
    await workers[2]?.stop();
    await waitFor('it to be gone', async () => (await connections()) === before);
  });

  it('stays on the main thread with a client of the application, which one warning says [core:A7] [seed:A14]', async () => {
    const client = new Redis(harness.url);
    const connection = await connect(client, { prefix: harness.prefix, logger: log });
    ends.push(
      () => connection.close(),
      () => client.disconnect(),
    );
    const lease = { ...SHORT, keeper: 'thread' } as const;
    const settings = { connection, handler: () => gate.opened, lease, concurrency: 1 };
    const workers: Worker[] = [];
    for (const queues of ['mail', 'other']) workers.push(await harness.worker({ ...settings, queues }));
    for (const worker of workers) expect(worker.health().keeper).toBe('main');
    expect(log.matching(/^warn: Leases are kept on the main thread, because .*client of the application/)).toHaveLength(
      1,
    );
    // It keeps them all the same: a job runs on for several leases beside another worker.
    const { id } = await queue.add('any', 1);
    await waitFor('the job to run', async () => (await queue.get(id))?.state === 'active');
    await harness.worker({ handler: () => 'by another', lease: SHORT });
    const probe = await queue.add('any', 2, { delayMs: 3 * SHORT.durationMs });
    expect(await queue.result(probe.id, PATIENCE)).toBe('by another');
    gate.open();
    await queue.result(id, PATIENCE);
    expect(await queue.get(id)).toMatchObject({ stalls: 0 });
  });

  it('keeps a lease as short as 100 ms while its worker is busy [seed:A14]', async () => {
    let runs = 0;
    const connection = await harness.connect({ logger: log });
    const lease = { durationMs: 100, keeper: 'thread' } as const;
    const handler = (): Promise<void> => ((runs += 1), new Promise((resolve) => setTimeout(resolve, 20)));
    await harness.worker({ connection, handler, lease, concurrency: 5 });
    const jobs = await queue.addMany(Array.from({ length: 100 }, (_, data) => ({ name: 'any', data })));
    await waitFor('all to end', async () => (await queue.counts()).completed === jobs.length);
    const lost = log.matching(/lost/).length;
    // A machine that is busy for a tenth of a second costs such a lease; what was not lost ran once.
    expect(runs).toBeLessThanOrEqual(100 + 5 * lost);
    expect(log.matching(/event loop was blocked/)).toEqual([]);
  });

  it('is not needed by a worker that never started', async () => {
    const connection: Connection = await harness.connection;
    const worker = new Worker({ connection, queues: 'mail', handler: () => undefined });
    await worker.stop();
    expect(worker.health()).toMatchObject({ state: 'stopped', keeper: undefined });
  });
});
