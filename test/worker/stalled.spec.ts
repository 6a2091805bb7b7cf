import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ActiveJob, type AnyJobs, type Job, type Queue } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from './support/gate.ts';
import { RunLog } from './support/run-log.ts';

describe('jobs that stalled before', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let gate: Gate;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    gate = new Gate();
  });

  afterEach(async () => {
    gate.open();
    await harness.close();
  });

  /** Makes a waiting job one whose worker vanished twice: suspect, and charged with the second time. */
  async function stall(job: Job): Promise<void> {
    const { client } = await harness.connection;
    await client.hset(`${harness.prefix}:{${job.queue}}:m`, job.id, '10,1,0,0,S,');
  }

  function add(to: Queue<AnyJobs>, count: number): Promise<Job[]> {
    return to.addMany(Array.from({ length: count }, (_, data) => ({ name: 'any', data })));
  }

  it('run one at a time in a worker, over all its queues, and others beside them [core:A8]', async () => {
    const other = await harness.queue('other');
    const stalled = [...(await add(queue, 4)), ...(await add(other, 4))];
    for (const job of stalled) await stall(job);
    await add(queue, 5);
    await add(other, 5);
    const log = new RunLog();
    const suspects = new RunLog();
    const run = log.handler(() => gate.opened);
    const suspect = suspects.handler(() => new Promise((resolve) => setTimeout(resolve, 15)));
    const handler = (job: ActiveJob): unknown => (job.stalls > 0 ? suspect(job) : run(job));
    await harness.worker({ queues: ['mail', 'other'], handler, concurrency: 30 });
    await waitFor('the others to run beside them', () => log.running === 10);
    await waitFor('all of them to end', () => suspects.ended.length === 8);
    expect(suspects.peak).toBe(1);
  });

  it('are cleared by a step that they complete: a long job survives deploy after deploy [nest:H10]', async () => {
    const [job] = (await add(queue, 1)) as [Job];
    await stall(job);
    const handler = async (active: ActiveJob): Promise<void> => {
      await active.step('part', () => 1);
      await gate.opened;
    };
    await harness.worker({ handler });
    await waitFor('the stalls to be forgiven', async () => (await queue.get(job.id))?.stalls === 0);
    gate.open();
    await queue.result(job.id, { timeoutMs: 20_000 });
  });

  it('go back uncharged when their worker stops, and none starts after that, in whatever moment it comes [core:B1]', async () => {
    const jobs = await add(queue, 10);
    for (const job of jobs) await stall(job);
    const log = new RunLog();
    const handler = log.handler(() => gate.opened);
    for (let ticks = 0; ticks < 12; ticks++) {
      const worker = await harness.worker({ handler, shutdownTimeoutMs: 100 });
      for (let tick = 0; tick < ticks; tick++) await new Promise((resolve) => setImmediate(resolve));
      const stopping = worker.stop();
      const { length } = log.started;
      await stopping;
      expect(log.started).toHaveLength(length);
      const { waiting, active } = await queue.counts();
      expect({ waiting, active }).toEqual({ waiting: 10, active: 0 });
    }
    for (const { id } of jobs) expect(await queue.get(id)).toMatchObject({ stalls: 1, failures: 0 });
  });
});
