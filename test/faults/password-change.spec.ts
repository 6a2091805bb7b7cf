import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Worker } from '@millrace/core';
import { ConnectionLog } from '../core/connection-log.ts';
import { Harness } from '../core/support/harness.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from '../worker/support/gate.ts';
import { Witness } from './support/witness.ts';

const LEASE = { durationMs: 600 };

describe('a password that changes while jobs run', () => {
  let redis: RedisServer;
  let harness: Harness;
  let log: ConnectionLog;
  let witness: Witness;
  const urlWith = (password: string): string => redis.url.replace('//', `//jobs:${password}@`);

  beforeEach(async () => {
    redis = await RedisServer.start();
    await redis.command('ACL', 'SETUSER', 'jobs', 'on', '>hunter1', '~*', '&*', '+@all');
    harness = new Harness(urlWith('hunter1'));
    log = new ConnectionLog();
    witness = new Witness();
  });

  afterEach(async () => {
    await harness.close();
    await redis.stop();
  });

  const isWell = async (worker: Worker): Promise<boolean> => (await worker.check()).isHealthy;

  it('is told by health, log and errors; who has the new one takes over, and who is let in again goes on [case:R28]', async () => {
    const connection = await harness.connect({ commandTimeoutMs: 500, logger: log });
    const queue = await harness.queue('mail', { connection });
    const gate = new Gate();
    const old = await harness.worker({ connection, lease: LEASE, handler: witness.handler(() => gate.opened) });
    const { id } = await queue.add('any', 'running');
    await waitFor('it to run', () => witness.runsOf(id) === 1);
    expect(await isWell(old)).toBe(true);

    await redis.command('ACL', 'SETUSER', 'jobs', 'resetpass', '>hunter2');
    for (const type of ['normal', 'pubsub']) await redis.command('CLIENT', 'KILL', 'TYPE', type);
    const { problems } = await waitFor('health to tell', async () => {
      const report = await old.check();
      return report.problems.some((problem) => problem.includes('WRONGPASS')) ? report : undefined;
    });
    expect(problems[0]).toMatch(/^Redis \(.*\) does not answer: WRONGPASS .*[^.]\.$/);
    await expect(queue.add('any', 'refused')).rejects.toMatchObject({ code: 'NO_REDIS' });

    const next = await harness.connect({}, urlWith('hunter2'));
    await harness.worker({ connection: next, lease: LEASE, handler: witness.handler() });
    const there = await harness.queue('mail', { connection: next });
    await waitFor('the job to run there', async () => (await there.get(id))?.state === 'completed');
    expect(witness.runsOf(id)).toBe(2);

    await redis.command('ACL', 'SETUSER', 'jobs', '>hunter1');
    gate.open();
    await waitFor('the old one to be well', () => isWell(old));
    await queue.add('any', 'after');
    await waitFor('both', async () => (await queue.totals()).completed === 2);
    expect(await queue.counts()).toMatchObject({ active: 0, waiting: 0, failed: 0 });
    expect(log.matching(/^(warn|error): .*WRONGPASS/)).toHaveLength(1);
    expect([...problems, ...log.lines].filter((text) => /hunter/.test(text))).toEqual([]);
  });
});
