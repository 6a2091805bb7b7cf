import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CancelError,
  JobConflictError,
  type ActiveJob,
  type AnyJobs,
  type JobOptions,
  type Queue,
} from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from './support/gate.ts';

describe('a unique key while its job runs', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let gate: Gate;
  let runs: ActiveJob[];

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    gate = new Gate();
    runs = [];
  });

  afterEach(async () => {
    gate.open();
    await harness.close();
  });

  const handler = async (job: ActiveJob): Promise<void> => {
    runs.push(job);
    await gate.opened;
  };
  const add = (until: 'started' | 'finished', options: JobOptions = {}) =>
    queue.add('first', 1, { unique: { key: 'k', until }, onConflict: 'reject', ...options });

  it('until it has ended: held while it runs and is retried, free after', async () => {
    const { id } = await add('finished', { backoff: { type: 'fixed', delayMs: 1 } });
    let failures = 0;
    await harness.worker({
      handler: async (job: ActiveJob) => {
        await handler(job);
        if (failures++ === 0) throw new Error('once');
      },
    });
    await waitFor('the job to run', () => runs.length === 1);
    await expect(add('finished')).rejects.toBeInstanceOf(JobConflictError);
    gate.open();
    await queue.result(id);
    expect(failures).toBe(2);
    await expect(add('finished')).resolves.toMatchObject({ outcome: 'added' });
  });

  it('until it starts: free as soon as its handler runs, held by the next while that waits [core:B16]', async () => {
    await harness.worker({ concurrency: 1, handler });
    await add('started');
    await waitFor('the job to run', () => runs.length === 1);
    await expect(add('started')).resolves.toMatchObject({ outcome: 'added' });
    await expect(add('started')).rejects.toBeInstanceOf(JobConflictError);
  });

  it('until it starts: taken ahead and given back at the shutdown, it is held all the time [core:B16]', async () => {
    const worker = await harness.worker({ concurrency: 1, prefetch: 10, handler });
    await queue.add('first', 0);
    await waitFor('a job to run', () => runs.length === 1);
    await add('started');
    await waitFor('the other to be taken ahead', () => worker.health().queues[0]?.buffered === 1);
    await expect(add('started')).rejects.toBeInstanceOf(JobConflictError);
    const stopped = worker.stop();
    await waitFor('it to be given back', async () => (await queue.counts()).waiting === 1);
    await expect(add('started')).rejects.toBeInstanceOf(JobConflictError);
    gate.open();
    await stopped;
  });

  it('of a running job that is replaced: its signal aborts, and the new one runs [seed:Q1]', async () => {
    await harness.worker({ concurrency: 2, handler });
    await add('finished');
    await waitFor('the job to run', () => runs.length === 1);
    const job = await add('finished', { onConflict: 'replace', onActive: 'cancel' });
    expect(job.outcome).toBe('replaced');
    await waitFor('the other to run', () => runs.length === 2);
    expect(CancelError.is(runs[0]?.signal.reason)).toBe(true);
    expect(runs[1]?.id).toBe(job.id);
  });
});
