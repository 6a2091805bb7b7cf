import { Queue, Worker } from 'groupmq';
import { Redis } from 'ioredis';

import type { Draft, Payload } from '../scenarios/drafts.js';
import type { Handler } from '../scenarios/handlers.js';
import type { Peer, Setup } from './peer.js';

/** Jobs of a group run one after the other: there must be more groups than jobs run at a time. */
const GROUPS = 1_000;
const KEPT = Object.freeze({ default: 1_000, none: 0, all: 10_000_000 });
const MAX_BATCH = 1_000;

/** groupmq with jobs spread over 1,000 groups, so that groups do not bind it. */
export class GroupMq implements Peer {
  readonly settings: string =
    'jobs spread over 1,000 groups; autoBatch of as many jobs as are added at a time (its documentation: "huge performance win"); keepCompleted: 1000, as Millrace; schedulerIntervalMs: 1, schedulerLockTtlMs: 1 where jobs are delayed';
  #setup!: Setup;
  #queue!: Queue<Payload>;
  #added = 0;

  async open(setup: Setup): Promise<void> {
    this.#setup = setup;
    this.#queue = new Queue<Payload>({
      redis: new Redis({ host: '127.0.0.1', port: setup.port, maxRetriesPerRequest: null }),
      namespace: setup.queue,
      keepCompleted: KEPT[setup.keep],
      ...(setup.inFlight > 1 && { autoBatch: { size: Math.min(setup.inFlight, MAX_BATCH), maxWaitMs: 1 } }),
      ...(setup.hasDelays && { schedulerLockTtlMs: 1 }),
    });
    await this.#queue.getJobCounts();
  }

  add({ data, id, runAt }: Draft): Promise<unknown> {
    return this.#queue.add({
      groupId: `group-${this.#added++ % GROUPS}`,
      data,
      ...(id !== undefined && { jobId: id }),
      ...(runAt !== undefined && { runAt }),
    });
  }

  addMany(drafts: readonly Draft[]): Promise<unknown> {
    return Promise.all(drafts.map((draft) => this.add(draft)));
  }

  async work(concurrency: number, handler: Handler): Promise<void> {
    const worker = new Worker<Payload>({
      queue: this.#queue,
      concurrency,
      handler: ({ data }) => handler(data),
      ...(this.#setup.hasDelays && { schedulerIntervalMs: 1 }),
      ...(this.#setup.hasRetries && { backoff: () => 0 }),
    });
    // It resolves when the worker ends.
    void worker.run();
  }
}
