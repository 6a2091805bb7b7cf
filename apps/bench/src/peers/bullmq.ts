import { Queue, Worker } from 'bullmq';

import type { Peer } from './peer.js';

/** BullMQ with its defaults, but for keeping 1,000 completed jobs, as Millrace does: keeping all makes it slower. */
export class BullMq implements Peer {
  readonly name = 'bullmq';
  readonly settings = 'defaults, removeOnComplete: { count: 1000 }';
  #port = 0;
  #queue: Queue | undefined;
  #worker: Worker | undefined;

  async open(port: number, queue: string): Promise<void> {
    this.#port = port;
    this.#queue = new Queue(queue, {
      connection: { host: '127.0.0.1', port },
      defaultJobOptions: { removeOnComplete: { count: 1_000 } },
    });
    await this.#queue.waitUntilReady();
  }

  async add(data: object): Promise<unknown> {
    return this.#queue?.add('welcome', data);
  }

  async addMany(data: object, count: number): Promise<unknown> {
    return this.#queue?.addBulk(Array.from({ length: count }, () => ({ name: 'welcome', data })));
  }

  async work(concurrency: number, done: () => void): Promise<void> {
    this.#worker = new Worker(this.#queue!.name, async () => done(), {
      connection: { host: '127.0.0.1', port: this.#port },
      concurrency,
    });
    await this.#worker.waitUntilReady();
  }

  async close(): Promise<void> {
    await this.#worker?.close();
    await this.#queue?.close();
  }
}
