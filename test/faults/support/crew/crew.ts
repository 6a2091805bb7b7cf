import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { AnyJobs, Job, Queue } from '@millrace/core';

import { Harness } from '../../../core/support/harness.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { History } from './history.ts';
import { WorkerProcess, type JobData, type WorkerSettings } from './worker-process.ts';

/** Short, so that tests are; a lease is renewed at a third of it. */
export const LEASE_MS = 900;

/** Waits with the patience that processes on a busy machine need. */
export function eventually<T>(what: string, condition: () => T | Promise<T>): Promise<NonNullable<T>> {
  return waitFor(what, condition, { timeoutMs: 12_000, intervalMs: 20 });
}

/** Worker processes, their common history, and a queue to watch them with. */
export class Crew {
  readonly core: Harness;
  readonly #processes: WorkerProcess[] = [];
  readonly #folder: string;
  readonly queue: Queue<AnyJobs>;

  private constructor(core: Harness, queue: Queue<AnyJobs>, folder: string) {
    this.core = core;
    this.queue = queue;
    this.#folder = folder;
  }

  /** @param url where Redis is; the run's own by default */
  static async open(url?: string): Promise<Crew> {
    const core = new Harness(url);
    const folder = await mkdtemp(join(tmpdir(), 'millrace-history-'));
    const harness = new Crew(core, await core.queue(), folder);
    await writeFile(harness.#file, '');
    return harness;
  }

  get history(): History {
    return new History(this.#file);
  }

  get #file(): string {
    return join(this.#folder, 'history.jsonl');
  }

  /** Starts a worker in a process of its own. */
  async worker(settings: Partial<WorkerSettings> = {}, until: 'ready' | 'begins' = 'ready'): Promise<WorkerProcess> {
    const { url, prefix } = this.core;
    const lease = { durationMs: LEASE_MS, ...settings.lease };
    const whole = { url, prefix, history: this.#file, shutdownTimeoutMs: 500, ...settings, lease };
    const worker = await WorkerProcess.start(whole, until);
    this.#processes.push(worker);
    return worker;
  }

  /** Adds jobs, in order; returns their ids. */
  async add(...jobs: readonly (JobData & { readonly options?: object })[]): Promise<string[]> {
    const drafts = jobs.map(({ options = {}, ...data }) => ({ name: 'any', data, options }));
    return (await this.queue.addMany(drafts)).map(({ id }) => id);
  }

  /** Waits until a job has ended. */
  ended(id: string): Promise<Job> {
    return eventually(`job ${id} to end`, async () => {
      const job = await this.queue.get(id);
      return job?.finishedAt === undefined ? undefined : job;
    });
  }

  /** Waits until nothing waits or runs any more. */
  async drained(): Promise<void> {
    await eventually('the queue to be drained', async () => {
      const { waiting, active, delayed, retrying } = await this.queue.counts();
      return waiting + active + delayed + retrying === 0;
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#processes.map(({ child }) => child.kill()));
    await this.core.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
