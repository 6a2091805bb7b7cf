import { Queue, Worker, type AnyJobs, type Connection } from '@millrace/core';
import { waitFor } from '../../support/wait-for.ts';
import { Gate } from '../../worker/support/gate.ts';

/** What a load needs of the deployment that it runs on. */
export interface Deployment {
  /** A connection of its own. */
  open(): Promise<Connection>;
  /** Whether a replica has all that was written through this connection, to the server of this key. */
  isReplicated(connection: Connection, key: string): Promise<boolean>;
}

const LEASE_MS = 4_000;
const PAUSE_MS = 2;

/**
 * Work on one queue while something fails: jobs are added one after the other, a worker runs them, a reader hears of
 * their ends, and one job runs all the while, longer than its lease, which a keeper in a thread renews.
 */
export class Load {
  /** The jobs that Redis acknowledged, in order. */
  readonly acknowledged: string[] = [];
  /** Those that a replica had before the next one was added: no failover may lose them. */
  readonly replicated: string[] = [];
  /** What `add` rejected with. */
  readonly errors: unknown[] = [];
  /** How often the handler began, by job. */
  readonly runs = new Map<string, number>();
  /** The jobs that an event said to be completed. */
  readonly told = new Set<string>();
  readonly #gate = new Gate();
  readonly #ending = new AbortController();
  readonly #deployment: Deployment;
  readonly #worker: Worker;
  readonly #parts: Promise<void>[] = [];
  #awaitsReplica = true;
  #longJob = '';

  private constructor(
    readonly queue: Queue<AnyJobs>,
    private readonly producing: Connection,
    private readonly working: Connection,
    deployment: Deployment,
  ) {
    this.#deployment = deployment;
    this.#worker = new Worker({
      connection: working,
      queues: queue.name,
      concurrency: 10,
      lease: { durationMs: LEASE_MS, keeper: 'thread' },
      handler: async ({ id, name }) => {
        this.runs.set(id, (this.runs.get(id) ?? 0) + 1);
        if (name === 'long') await this.#gate.opened;
      },
    });
  }

  /** Starts, and resolves when much was done and a replica has the job that runs all the while. */
  static async start(name: string, deployment: Deployment): Promise<Load> {
    const producing = await deployment.open();
    const load = new Load(new Queue(name, { connection: producing }), producing, await deployment.open(), deployment);
    await load.#begin();
    return load;
  }

  /** To be called before the primary is taken away: from here on nothing is known to be on a replica. */
  expectLoss(): void {
    this.#awaitsReplica = false;
  }

  /** Resolves when so many more jobs were acknowledged, added and run to their end. */
  async goesOn(jobs = 100): Promise<void> {
    const from = this.acknowledged.length;
    await waitFor('jobs to be added', () => this.acknowledged.length >= from + jobs, { timeoutMs: 30_000 });
    const later = this.acknowledged.slice(from, from + jobs);
    await waitFor('them to run', () => later.every((id) => this.runs.has(id)), { timeoutMs: 30_000 });
  }

  /** Ends the producer, lets the long job end, and resolves when nothing is left to do, and all was told. */
  async finish(): Promise<void> {
    this.#gate.open();
    this.#ending.abort();
    await this.#parts[0];
    const left = async (): Promise<boolean> => {
      const { waiting, active, retrying, delayed } = await this.queue.counts();
      return waiting + active + retrying + delayed === 0;
    };
    await waitFor('all jobs to end', left, { timeoutMs: 30_000 });
    // What ran on a primary that is gone, and no replica had, has no end.
    await waitFor('their ends to be told', async () => {
      const untold = [...this.runs.keys()].filter((id) => !this.told.has(id));
      return (await this.queue.getMany(untold)).length === 0;
    });
  }

  /** The replicated jobs that never ran: lost. */
  get lost(): string[] {
    return this.replicated.filter((id) => !this.runs.has(id));
  }

  /** How often the job that runs all the while began. */
  get longRuns(): number {
    return this.runs.get(this.#longJob) ?? 0;
  }

  async stop(): Promise<void> {
    this.#gate.open();
    this.#ending.abort();
    await this.#worker.stop();
    await this.queue.close();
    await Promise.all(this.#parts);
    await Promise.all([this.working.close(), this.producing.close()]);
  }

  async #begin(): Promise<void> {
    await this.#worker.start();
    const listening = this.#listen();
    await waitFor('a reader that hears of jobs', async () => {
      await this.queue.add('job', null);
      return this.told.size > 0;
    });
    // The first ones may have ended before somebody listened.
    await waitFor('the first jobs to end', async () => (await this.queue.counts()).active === 0);
    this.runs.clear();
    this.#longJob = (await this.queue.add('long', null)).id;
    await waitFor('the long job to run', () => this.longRuns === 1);
    this.#parts.push(this.#produce(), listening);
    await waitFor('some load', () => this.replicated.length >= 50, { timeoutMs: 30_000 });
    await waitFor('all to be replicated', () => this.#isReplicated());
  }

  async #produce(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      try {
        const { id } = await this.queue.add('job', null);
        this.acknowledged.push(id);
        if (this.#awaitsReplica && (await this.#isReplicated()) && this.#awaitsReplica) this.replicated.push(id);
      } catch (error) {
        this.errors.push(error);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  async #listen(): Promise<void> {
    for await (const { id } of this.queue.events({ types: ['completed'] })) this.told.add(id);
  }

  #isReplicated(): Promise<boolean> {
    const key = `${this.producing.prefix}:{${this.queue.name}}`;
    return this.#deployment.isReplicated(this.producing, key).catch(() => false);
  }
}
