import { connect, Queue, silentLogger, Worker, type Connection } from '@millrace/core';

import type { JobLook, Side, SideSetup, Work } from './side.js';

const QUEUE = 'smoke';

/** Millrace with its defaults, but for one attempt a job: what a fault costs is seen at once. */
export class MillraceSide implements Side {
  static readonly settings =
    'defaults (lease 30 s, keeper thread, maxStalls 3) but maxAttempts: 1; connect() with waitUntilReady: false; worker.stop(), queue.close(), connection.close()';
  readonly settings = MillraceSide.settings;
  readonly #queue: Queue;
  readonly #completions: Record<string, number> = {};
  #worker: Worker | undefined;

  private constructor(
    private readonly setup: SideSetup,
    private readonly connection: Connection,
    private readonly handler: (work: Work) => Promise<string>,
  ) {
    this.#queue = new Queue(QUEUE, { connection, defaults: { maxAttempts: 1 } });
  }

  static async open(setup: SideSetup, handler: (work: Work) => Promise<string>): Promise<Side> {
    const connection = await connect(`redis://127.0.0.1:${setup.port}`, {
      logger: silentLogger,
      waitUntilReady: false,
    });
    return new MillraceSide(setup, connection, handler);
  }

  async add(work: Work, id?: string): Promise<string> {
    const job = await this.#queue.add('work', work, id === undefined ? {} : { id });
    return job.id;
  }

  async work(concurrency: number, isLate = false): Promise<void> {
    const { leaseMs } = this.setup;
    this.#worker = new Worker({
      connection: this.connection,
      queues: QUEUE,
      concurrency,
      handlers: { work: ({ data }) => this.handler(data as Work) },
      ...(leaseMs !== undefined && { lease: { durationMs: leaseMs } }),
    });
    const started = this.#worker.start();
    if (isLate) started.catch(() => undefined);
    else await started;
  }

  async limit(concurrency: number): Promise<void> {
    await this.#queue.config.set({ concurrency });
  }

  async watch(): Promise<void> {
    const events = this.#queue.events({ types: ['completed'] })[Symbol.asyncIterator]();
    const first = events.next();
    await this.#queue.counts();
    void this.#count(events, first).catch(() => undefined);
  }

  async completions(): Promise<Readonly<Record<string, number>>> {
    return this.#completions;
  }

  async look(id: string): Promise<JobLook | undefined> {
    const job = await this.#queue.get(id);
    return job === undefined ? undefined : { state: job.state, failures: job.failures, stalls: job.stalls };
  }

  async stored(): Promise<number> {
    const counts = await this.#queue.counts();
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
  }

  async close(isForced = false): Promise<void> {
    await this.#worker?.stop(isForced ? { timeoutMs: 0 } : {});
    await this.#queue.close();
    await this.connection.close();
  }

  async #count(
    events: AsyncIterator<{ readonly type: string; readonly id: string }>,
    first: Promise<IteratorResult<{ readonly type: string; readonly id: string }>>,
  ): Promise<void> {
    for (let next = await first; next.done !== true; next = await events.next()) {
      const { type, id } = next.value;
      if (type === 'completed') this.#completions[id] = (this.#completions[id] ?? 0) + 1;
    }
  }
}
