import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InvalidOptionError, runWorker, UnknownOptionError } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { Child } from '../support/child.ts';
import { redisUrl } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const PROGRAM = fileURLToPath(new URL('./programs/run-by-signals.ts', import.meta.url));
const START_MS = 30_000;

describe('runWorker', () => {
  let harness: Harness;
  let child: Child | undefined;

  beforeEach(() => {
    harness = new Harness();
  });

  afterEach(async () => {
    await child?.kill();
    await harness.close();
  });

  it('calls the handler of SIGHUP and goes on, even if that throws; the end leaves no listener [seed:R7] [seed:I14] [seed:O16]', async () => {
    child = await Child.start(PROGRAM, { args: [redisUrl(), harness.prefix] });
    await child.message({ type: 'listening' }, START_MS);
    const queue = await harness.queue();
    await waitFor('it to run', async () => (await queue.workers()).length === 1, { timeoutMs: START_MS });
    expect((await queue.workers())[0]).toMatchObject({ info: { name: 'by-signals', pid: child.pid } });
    child.signal('SIGHUP');
    await child.message({ type: 'hangup', count: 1 });
    child.signal('SIGHUP');
    await child.message({ type: 'hangup', count: 2 });
    await queue.add('any', null);
    await child.message({ type: 'ran' });
    child.signal('SIGINT');
    const said = await child.message<{ type: string; reason?: string; errors?: string[]; listeners?: number }>({
      type: 'stopped',
    });
    expect(said).toMatchObject({ reason: 'signal', listeners: 0, errors: [expect.stringContaining('no such file')] });
    expect(await child.exited).toEqual({ code: 0, signal: null });
  }, 60_000);

  it('refuses what is no worker, and options that it does not know', async () => {
    await expect(runWorker({} as never)).rejects.toThrow(InvalidOptionError);
    const runnable = { start: async () => {}, stop: async () => {}, pause: () => {}, resume: () => {} };
    await expect(runWorker(runnable, { maxRssMB: 100 } as never)).rejects.toThrow(UnknownOptionError);
    await expect(runWorker(runnable, { maxRssMb: 1 })).rejects.toThrow(/maxRssMb/);
  });

  it('fails as its worker fails to start', async () => {
    const start = (): Promise<never> => Promise.reject(new Error('no database'));
    const runnable = { start, stop: async () => {}, pause: () => {}, resume: () => {} };
    await expect(runWorker(runnable)).rejects.toThrow('no database');
    expect(process.listenerCount('SIGTSTP')).toBe(0);
  });
});
