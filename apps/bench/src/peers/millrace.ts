import { connect, Queue, Worker, type Connection } from '@millrace/core';

import type { Peer } from './peer.js';

/** Millrace with its defaults. */
export class Millrace implements Peer {
  readonly name = 'millrace';
  readonly settings = 'defaults: fencing, lease keeper thread, 1,000 completed jobs kept, adaptive prefetch';
  #connection: Connection | undefined;
  #queue: Queue | undefined;
  #worker: Worker | undefined;

  async open(port: number, queue: string): Promise<void> {
    this.#connection = await connect(`redis://127.0.0.1:${port}`);
    this.#queue = new Queue(queue, { connection: this.#connection });
    await this.#queue.counts();
  }

  async add(data: object): Promise<unknown> {
    return this.#queue?.add('welcome', data);
  }

  async addMany(data: object, count: number): Promise<unknown> {
    return this.#queue?.addMany(Array.from({ length: count }, () => ({ name: 'welcome', data })));
  }

  async work(concurrency: number, done: () => void): Promise<void> {
    this.#worker = new Worker({
      connection: this.#connection!,
      queues: this.#queue!.name,
      concurrency,
      handlers: { welcome: async () => done() },
    });
    await this.#worker.start();
  }

  async close(): Promise<void> {
    await this.#worker?.stop();
    await this.#queue?.close();
    await this.#connection?.close();
  }
}
