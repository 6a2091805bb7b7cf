import { Queue, Worker, type JobsOptions } from 'bullmq';

import type { Draft } from '../scenarios/drafts.js';
import type { Handler } from '../scenarios/handlers.js';
import type { Peer, Setup } from './peer.js';

const KEPT = Object.freeze({ default: { count: 1_000 }, none: true, all: false });

/** BullMQ with its defaults, but for keeping 1,000 completed jobs, as Millrace does: keeping all makes it slower. */
export class BullMq implements Peer {
  readonly settings: string =
    'defaults (connections of its own for queue and worker, addBulk for many) but removeOnComplete: { count: 1000 }, as Millrace keeps 1,000 by default (its own default keeps all, which is slower); no QueueEvents listen';
  protected setup!: Setup;
  #queue!: Queue;

  async open(setup: Setup): Promise<void> {
    this.setup = setup;
    this.#queue = new Queue(setup.queue, {
      connection: { host: '127.0.0.1', port: setup.port },
      defaultJobOptions: { removeOnComplete: KEPT[setup.keep], ...(setup.hasRetries && { attempts: 2 }) },
    });
    await this.#queue.waitUntilReady();
  }

  add(draft: Draft): Promise<unknown> {
    return this.#queue.add('welcome', draft.data, optionsOf(draft));
  }

  addMany(drafts: readonly Draft[]): Promise<unknown> {
    return this.#queue.addBulk(
      drafts.map((draft) => {
        const opts = optionsOf(draft);
        return opts === undefined ? { name: 'welcome', data: draft.data } : { name: 'welcome', data: draft.data, opts };
      }),
    );
  }

  async work(concurrency: number, handler: Handler): Promise<void> {
    const connection = { host: '127.0.0.1', port: this.setup.port };
    const worker = new Worker(this.setup.queue, ({ data }) => handler(data), { connection, concurrency });
    await worker.waitUntilReady();
  }
}

function optionsOf({ id, priority, runAt }: Draft): JobsOptions | undefined {
  if (id !== undefined) return { jobId: id };
  if (priority !== undefined) return { priority };
  return runAt === undefined ? undefined : { delay: Math.max(0, runAt - Date.now()) };
}
