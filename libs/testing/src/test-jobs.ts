import type { INestApplicationContext } from '@nestjs/common';
import type { Connection, Queue, VirtualClock, Worker } from '@millrace/core';
import { getConnectionToken, getRunnerToken, JobsService, type JobsRunner } from '@millrace/nestjs';

import { matches } from './matches.js';
import type { EnqueuedJob } from './recorder.js';
import { createTestJob, type TestJobFacts } from './test-job.js';
import type { TestRoot } from './test-root.js';

/** So many looks in a row at which nothing has changed: what is left waits for something that does not come by itself. */
const STANDSTILL = 20;

/** What a test does with the jobs of an application. */
export class TestJobs {
  readonly #app: INestApplicationContext;
  readonly #testRoot: TestRoot;
  readonly #root: string | undefined;
  readonly #runner: JobsRunner;

  private constructor(app: INestApplicationContext, testRoot: TestRoot, root: string | undefined) {
    this.#app = app;
    this.#testRoot = testRoot;
    this.#root = root;
    this.#runner = app.get<JobsRunner>(getRunnerToken(root), { strict: false });
    const connection = app.get<Connection>(getConnectionToken(root), { strict: false });
    // No worker runs by itself, so nobody else declares them.
    testRoot.connected(connection, () => this.#runner.declareSchedules());
  }

  /** @internal */
  static of(app: INestApplicationContext, testRoot: TestRoot, root: string | undefined): TestJobs {
    return new TestJobs(app, testRoot, root);
  }

  /** The time of the application: `await jobs.clock.advance('1h')`. */
  get clock(): VirtualClock {
    return this.#testRoot.clock;
  }

  /** A queue of the application. */
  queue(name: string): Queue {
    return this.#app.get(JobsService, { strict: false }).queue(name, this.#root);
  }

  /**
   * Runs all jobs of a queue (left out: of every queue that a processor works) that can run now, and those that they add,
   * until none is left. Jobs that wait for their time stay: move the clock, and drain again.
   */
  async drain(queue?: string): Promise<void> {
    const names = queue === undefined ? await this.#workedQueues() : [queue];
    const workers: Worker[] = [];
    try {
      for (const name of names) {
        const worker = await this.#runner.worker(name);
        workers.push(worker);
        await worker.start();
      }
      await this.#untilIdle(names.map((name) => this.queue(name)));
    } finally {
      await Promise.all(workers.map((worker) => worker.stop({ timeoutMs: 0 })));
    }
  }

  /**
   * Runs the handler of a job as a worker would, within guards, pipes, interceptors and filters, and without a queue: resolves
   * to its result, rejects with what it threw.
   *
   * @throws TypeError when no processor handles the job
   */
  async run<R = unknown>(queue: string, name: string, data: unknown, facts: TestJobFacts = {}): Promise<R> {
    const handler = await this.#runner.handler(queue, name);
    return (await handler([createTestJob(data, { ...facts, queue, name })])) as R;
  }

  /** The same for a handler of batches: a job for each of the data. */
  async runBatch<R = unknown>(queue: string, name: string, data: readonly unknown[]): Promise<R> {
    const handler = await this.#runner.handler(queue, name);
    return (await handler(data.map((each, i) => createTestJob(each, { id: `test-job-${i + 1}`, queue, name })))) as R;
  }

  /**
   * The jobs that the application has added by its queues, oldest first: of a queue, of a name, with such data. Of `data` only
   * what is named is compared.
   */
  enqueued(queue?: string, name?: string, ...data: [] | [unknown]): readonly EnqueuedJob[] {
    return this.#testRoot.recorder.jobs.filter(
      (job) =>
        (queue === undefined || job.queue === queue) &&
        (name === undefined || job.name === name) &&
        (data.length === 0 || matches(job.data, data[0])),
    );
  }

  async #workedQueues(): Promise<string[]> {
    const { workers } = await this.#runner.describe();
    return workers.map(({ queue }) => queue);
  }

  async #untilIdle(queues: readonly Queue[]): Promise<void> {
    let last = '';
    for (let same = 0; same < STANDSTILL;) {
      await this.clock.advance(0);
      const states = await Promise.all(queues.map((queue) => this.#look(queue)));
      if (states.every(({ isIdle }) => isIdle)) return;
      const now = JSON.stringify(states);
      // A handler may wait for something real, however long that takes.
      same = now === last && states.every(({ active }) => active === 0) ? same + 1 : 0;
      last = now;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async #look(queue: Queue): Promise<{ isIdle: boolean; active: number; counts: unknown }> {
    const counts = await queue.counts();
    const { waiting, unclaimed, active } = counts;
    const isIdle = waiting === unclaimed && active === 0 && !(await this.#isAnythingDue(queue));
    return { isIdle, active, counts };
  }

  async #isAnythingDue(queue: Queue): Promise<boolean> {
    const now = this.clock.now();
    const [delayed, retrying] = await Promise.all(
      (['delayed', 'retrying'] as const).map((state) => queue.list(state, { limit: 1 })),
    );
    const { batches } = await queue.batches.list({ limit: 1 });
    const first = [delayed?.jobs[0], retrying?.jobs[0], batches[0]];
    if (first.some((each) => each?.runAt !== undefined && each.runAt.getTime() <= now)) return true;
    return this.#isScheduleDue(queue, now);
  }

  async #isScheduleDue(queue: Queue, now: number): Promise<boolean> {
    for (let cursor: string | undefined; ;) {
      const page = await queue.schedules({ cursor });
      if (page.schedules.some(({ state, nextRunAt }) => state === 'running' && nextRunAt && nextRunAt.getTime() <= now))
        return true;
      cursor = page.cursor;
      if (cursor === undefined) return false;
    }
  }
}
