import type { AnyJobs, Queue } from '@millrace/core';

/** How one job was added. */
export interface Added {
  readonly id: string;
  /** Whether a replica had it before the next job was added: then no failover may lose it. */
  readonly durable: boolean;
  /** `performance.now()` when it was acknowledged. */
  readonly at: number;
}

/**
 * Adds jobs to a queue, one after the other, until it is stopped, and remembers which were acknowledged. Redis
 * acknowledges before its replicas have a job; those that a replica had confirmed are told apart.
 */
export class DurableProducer {
  readonly added: Added[] = [];
  /** What `add` rejected with. */
  readonly errors: Error[] = [];
  #stopping = false;
  readonly #done: Promise<void>;

  /** @param confirm resolves to whether a replica has all that the server had when it was asked */
  constructor(queue: Queue<AnyJobs>, confirm: () => Promise<boolean>, pauseMs = 2) {
    this.#done = this.#run(queue, confirm, pauseMs);
  }

  /** Jobs that no failover may lose. */
  get durable(): string[] {
    return this.added.filter((job) => job.durable).map((job) => job.id);
  }

  /** Ends after the job that is being added. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#done;
  }

  async #run(queue: Queue<AnyJobs>, confirm: () => Promise<boolean>, pauseMs: number): Promise<void> {
    for (let n = 0; !this.#stopping; n += 1) {
      try {
        const { id } = await queue.add('job', n);
        const at = performance.now();
        const durable = await confirm().catch(() => false);
        this.added.push({ id, durable, at });
      } catch (error) {
        this.errors.push(error as Error);
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
