import { randomBytes } from 'node:crypto';
import { Queue, Worker, type ActiveJob, type AnyJobs, type Connection } from '@millrace/core';
import { waitFor } from '../../support/wait-for.ts';
import { Gate } from '../../worker/support/gate.ts';

/** One public call, tried: what comes of it, without what differs from one time to the next. */
export type Trial = (stage: Stage) => Promise<unknown>;

/** Where one call is tried: queues of its own, and what else it needs. */
export class Stage {
  readonly queue: Queue<AnyJobs>;
  readonly #ends: (() => Promise<unknown>)[] = [];
  readonly #over = new Gate();
  readonly #slot = `s${randomBytes(4).toString('hex')}`;

  /** @param name of the call */
  constructor(
    readonly connection: Connection,
    readonly name: string,
  ) {
    this.queue = this.open(name);
  }

  /** A queue that `stop` closes. */
  open(name: string, slot?: string): Queue<AnyJobs> {
    const queue = new Queue(name, { connection: this.connection, slot });
    this.#ends.push(() => queue.close());
    return queue;
  }

  /** Two queues of one slot. */
  async pair(): Promise<[Queue<AnyJobs>, Queue<AnyJobs>]> {
    const queues: [Queue<AnyJobs>, Queue<AnyJobs>] = [
      this.open(`${this.name} from`, this.#slot),
      this.open(`${this.name} to`, this.#slot),
    ];
    // Jobs go to no queue that nobody has declared.
    for (const queue of queues) await queue.counts();
    return queues;
  }

  /** A worker that runs the jobs of a queue; by default each returns its data. */
  async work(
    handler: (job: ActiveJob) => unknown = (job) => job.data,
    queue: Queue<AnyJobs> = this.queue,
  ): Promise<Worker> {
    const slot = queue === this.queue ? undefined : this.#slot;
    const worker = new Worker({
      connection: this.connection,
      queues: [{ name: queue.name, slot }],
      handler,
      lease: { keeper: 'main' },
      shutdownTimeoutMs: 200,
    });
    this.#ends.push(() => worker.stop());
    await worker.start();
    return worker;
  }

  /** What a handler gets, as soon as it has it; the job runs until `stop`. */
  running(name = 'job'): Promise<ActiveJob> {
    return new Promise((resolve, reject) => {
      const handler = (job: ActiveJob): Promise<void> => {
        resolve(job);
        return this.#over.opened;
      };
      this.work(handler)
        .then(() => this.queue.add(name, { n: 1 }, { id: 'x' }))
        .catch(reject);
    });
  }

  /** Adds a job that fails for good, and waits until it has. */
  async failed(id: string): Promise<void> {
    await this.queue.add('job', { n: 1 }, { id, maxAttempts: 1 });
    const worker = await this.work(() => Promise.reject(new Error('no')));
    await this.state(id, 'failed');
    await worker.stop();
  }

  /** Waits until a job is in that state. */
  async state(id: string, state: string, queue = this.queue): Promise<void> {
    await waitFor(`${id} to be ${state}`, async () => (await queue.get(id))?.state === state);
  }

  async stop(): Promise<void> {
    this.#over.open();
    for (const end of this.#ends.splice(0).reverse()) await end();
  }
}
