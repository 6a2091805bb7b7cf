import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, type Logger, type Queue, type Worker } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { ConnectionLog } from '../core/connection-log.ts';
import { waitFor } from '../support/wait-for.ts';

describe('a job of a name that the worker does not handle', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let log: ConnectionLog;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    log = new ConnectionLog();
  });

  afterEach(() => harness.close());

  function older(logger: Logger = log): Promise<Worker> {
    return harness.worker({ handlers: { old: () => 'done by the older one' }, logger });
  }

  it('is set aside uncharged, shows as unclaimed, and blocks nobody [core:B3] [case:A2] [seed:A22, seed:R5]', async () => {
    await older();
    const strange = await queue.addMany(Array.from({ length: 50 }, (_, data) => ({ name: 'new', data })));
    const known = await queue.add('old', 1);
    expect(await queue.result(known.id)).toBe('done by the older one');
    await waitFor('all to be set aside', async () => (await queue.counts()).unclaimed === 50);
    expect(await queue.unclaimed()).toEqual([{ name: 'new', count: 50 }]);
    const job = await queue.get(strange[0]?.id ?? '');
    expect(job).toMatchObject({ state: 'waiting', failures: 0, stalls: 0 });
    expect(log.matching(/Jobs "new" wait/)).toHaveLength(1);
  });

  it('does not go round and round [core:B3]', async () => {
    const connection = await harness.connect();
    await older();
    await queue.addMany(Array.from({ length: 20 }, (_, data) => ({ name: 'new', data })));
    await waitFor('all to be set aside', async () => (await queue.counts()).unclaimed === 20);
    const total = async (): Promise<number> =>
      Number(/total_commands_processed:(\d+)/.exec(await connection.client.info('stats'))?.[1]);
    const before = await total();
    const from = performance.now();
    await waitFor('three polls', () => performance.now() - from > 3_000, { intervalMs: 100 });
    // Housekeeping, polls and renewals of an idle worker; a job that went round would cost thousands.
    expect((await total()) - before).toBeLessThan(300);
    expect((await queue.counts()).unclaimed).toBe(20);
  });

  it('is taken up at once by a worker that opens the queue and has the name, in order [core:B3] [case:O2]', async () => {
    const former = await older();
    const jobs = await queue.addMany(Array.from({ length: 30 }, (_, data) => ({ name: 'new', data })));
    await waitFor('all to be set aside', async () => (await queue.counts()).unclaimed === 30);
    // It would be woken as well, and set some of them aside again.
    await former.stop();
    const ran: string[] = [];
    await harness.worker({ handlers: { new: ({ id }) => void ran.push(id) }, concurrency: 1 });
    await waitFor('all to run', () => ran.length === 30);
    expect(ran).toEqual(jobs.map(({ id }) => id));
    expect(await queue.unclaimed()).toEqual([]);
  });

  it('is taken up within about a second by one that is there already [core:B3]', async () => {
    await older();
    const ran: string[] = [];
    await harness.worker({ handlers: { new: ({ id }) => void ran.push(id) } });
    const jobs = await queue.addMany(Array.from({ length: 30 }, (_, data) => ({ name: 'new', data })));
    await waitFor('all to run', () => ran.length === 30, { timeoutMs: 3_000 });
    expect([...ran].sort()).toEqual(jobs.map(({ id }) => id).sort());
  });

  it('is run by a worker that takes every name [seed:A22]', async () => {
    const ran: string[] = [];
    await harness.worker({ handler: ({ name }) => void ran.push(name), handlers: { old: () => undefined } });
    await queue.add('new', 1);
    await waitFor('it to run', () => ran.length === 1);
    expect(ran).toEqual(['new']);
  });
});
