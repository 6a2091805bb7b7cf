import Queue from 'bee-queue';

import type { Draft, Payload } from '../scenarios/drafts.js';
import type { Handler } from '../scenarios/handlers.js';
import type { Peer, Setup } from './peer.js';

/** What its README and its maintainers name for throughput: nothing is sent to, or kept for, listeners. */
const LEAN = Object.freeze({ getEvents: false, sendEvents: false, storeJobs: false });

/** bee-queue without events, a queue object for the producer and one for the worker. */
export class BeeQueue implements Peer {
  readonly settings: string =
    'getEvents, sendEvents, storeJobs: false; isWorker: false for the producer; saveAll for many; removeOnSuccess where none is kept (else it keeps all: it cannot keep 1,000); activateDelayedJobs, delayedDebounce: 1 where jobs are delayed';
  #setup!: Setup;
  #producer!: Queue<Payload>;

  async open(setup: Setup): Promise<void> {
    this.#setup = setup;
    this.#producer = new Queue(setup.queue, { ...LEAN, redis: redisAt(setup.port), isWorker: false });
    await this.#producer.ready();
  }

  add(draft: Draft): Promise<unknown> {
    return this.#job(draft).save();
  }

  async addMany(drafts: readonly Draft[]): Promise<unknown> {
    const errors = await this.#producer.saveAll(drafts.map((draft) => this.#job(draft)));
    for (const error of errors.values()) throw error;
    return errors;
  }

  async work(concurrency: number, handler: Handler): Promise<void> {
    const { queue, port, keep, hasDelays } = this.#setup;
    const worker = new Queue<Payload>(queue, {
      ...LEAN,
      redis: redisAt(port),
      removeOnSuccess: keep === 'none',
      ...(hasDelays && { activateDelayedJobs: true, delayedDebounce: 1 }),
    });
    await worker.ready();
    worker.process(concurrency, ({ data }) => handler(data));
  }

  #job({ data, id, runAt }: Draft): Queue.Job<Payload> {
    const job = this.#producer.createJob(data);
    if (id !== undefined) job.setId(id);
    if (runAt !== undefined) job.delayUntil(runAt);
    return this.#setup.hasRetries ? job.retries(1) : job;
  }
}

function redisAt(port: number): { host: string; port: number } {
  return { host: '127.0.0.1', port };
}
