import { Queue, QueueEvents, Worker } from 'bullmq';

import type { JobLook, Side, SideSetup, Work } from './side.js';

const QUEUE = 'smoke';

/** Whoever listens to none of them has the process end by the first one: its documentation says to listen. */
const ignore = (): void => undefined;

/** BullMQ with its defaults and what its guide for production says. */
export class BullMqSide implements Side {
  static readonly settings =
    'defaults (lockDuration 30 s, stalledInterval 30 s, maxStalledCount 1, attempts 1; a connection of its own for queue and worker, maxRetriesPerRequest null for workers, its own retryStrategy), with error listeners everywhere; worker.close(), queue.close()';
  readonly settings = BullMqSide.settings;
  readonly #connection: { readonly host: string; readonly port: number };
  readonly #queue: Queue;
  readonly #completions: Record<string, number> = {};
  #worker: Worker | undefined;
  #events: QueueEvents | undefined;

  private constructor(
    private readonly setup: SideSetup,
    private readonly handler: (work: Work) => Promise<string>,
  ) {
    this.#connection = { host: '127.0.0.1', port: setup.port };
    this.#queue = new Queue(QUEUE, { connection: this.#connection });
    this.#queue.on('error', ignore);
  }

  static async open(setup: SideSetup, handler: (work: Work) => Promise<string>): Promise<Side> {
    return new BullMqSide(setup, handler);
  }

  async add(work: Work, id?: string): Promise<string> {
    const job = await this.#queue.add('work', work, id === undefined ? {} : { jobId: id });
    return job.id ?? '';
  }

  async work(concurrency: number, isLate = false): Promise<void> {
    const { leaseMs } = this.setup;
    this.#worker = new Worker<Work>(QUEUE, ({ data }) => this.handler(data), {
      connection: this.#connection,
      concurrency,
      ...(leaseMs !== undefined && { lockDuration: leaseMs, stalledInterval: leaseMs }),
    });
    this.#worker.on('error', ignore);
    if (!isLate) await this.#worker.waitUntilReady();
  }

  async limit(concurrency: number): Promise<void> {
    await this.#queue.setGlobalConcurrency(concurrency);
  }

  async watch(): Promise<void> {
    this.#events = new QueueEvents(QUEUE, { connection: this.#connection });
    this.#events.on('error', ignore);
    this.#events.on('completed', ({ jobId }) => {
      this.#completions[jobId] = (this.#completions[jobId] ?? 0) + 1;
    });
    await this.#events.waitUntilReady();
  }

  async completions(): Promise<Readonly<Record<string, number>>> {
    return this.#completions;
  }

  async look(id: string): Promise<JobLook | undefined> {
    const job = await this.#queue.getJob(id);
    if (job === undefined) return undefined;
    const state = await job.getState();
    // It counts the attempt that completed as well.
    const failures = job.attemptsMade - (state === 'completed' ? 1 : 0);
    return { state, failures, stalls: job.stalledCounter };
  }

  async stored(): Promise<number> {
    const counts = await this.#queue.getJobCounts();
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
  }

  async close(isForced = false): Promise<void> {
    await this.#worker?.close(isForced);
    await this.#events?.close();
    await this.#queue.close();
  }
}
