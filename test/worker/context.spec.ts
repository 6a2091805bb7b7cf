import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ClosedError, silentLogger, Worker, type ActiveJob } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from './support/gate.ts';

interface Pool {
  readonly name: string;
}

describe('what the handlers of a worker share', () => {
  let harness: Harness;

  beforeEach(() => {
    harness = new Harness();
  });

  afterEach(() => harness.close());

  it('is made once, before the first job, and ended after the last [seed:A8] [seed:H1]', async () => {
    const log: string[] = [];
    const queues = await Promise.all(['mail', 'other'].map((name) => harness.queue(name)));
    for (const queue of queues) await queue.addMany([1, 2, 3].map((data) => ({ name: 'any', data })));
    const worker = await harness.worker({
      queues: ['mail', 'other'],
      context: {
        open: async (): Promise<Pool> => {
          await new Promise((resolve) => setImmediate(resolve));
          log.push('open');
          return { name: 'pool' };
        },
        close: (pool) => void log.push(`close ${(pool as Pool).name}`),
      },
      handler: (job: ActiveJob<number, string, Pool>) => void log.push(`run with ${job.context.name}`),
    });
    await waitFor('all to run', () => log.length === 7);
    await worker.stop();
    expect(log).toEqual(['open', ...Array<string>(6).fill('run with pool'), 'close pool']);
  });

  it('is undefined without one, and a function is enough [seed:A8]', async () => {
    const queue = await harness.queue();
    const first = await harness.worker({ handler: (job) => job.context === undefined });
    expect(await queue.result((await queue.add('any', null)).id)).toBe(true);
    await first.stop();
    await harness.worker({ context: () => 42, handler: (job) => job.context });
    expect(await queue.result((await queue.add('any', null)).id)).toBe(42);
  });

  it('keeps the worker from starting where it cannot be made', async () => {
    const connection = await harness.connection;
    const context = (): never => {
      throw new Error('no database');
    };
    const worker = new Worker({ connection, queues: 'mail', handler: () => 1, context });
    await expect(worker.start()).rejects.toThrow('no database');
    expect(worker.state).toBe('stopped');
  });

  it('is ended even if the worker is stopped while it is made; an error of that is logged', async () => {
    const connection = await harness.connection;
    const gate = new Gate();
    const errors: string[] = [];
    const worker = new Worker({
      connection,
      queues: 'mail',
      handler: () => 1,
      logger: { ...silentLogger, error: (message) => void errors.push(message) },
      context: {
        open: () => gate.opened,
        close: () => {
          throw new Error('it hangs');
        },
      },
    });
    const starting = worker.start();
    const outcome = expect(starting).rejects.toThrow(ClosedError);
    await worker.stop();
    gate.open();
    await outcome;
    expect(errors).toEqual([expect.stringContaining('it hangs')]);
  });
});
