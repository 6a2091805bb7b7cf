import { Queue, Worker, type ActiveJob, type QueueEvent } from '@millrace/core';

import type { JobsRoot } from '../registration/jobs-root.js';
import type { EventHandler } from './event-handlers.js';
import { loggerOf } from './jobs.logger.js';

/** Longer than any process is behind another with reading the same event. */
const REMEMBERED_MS = 10 * 60_000;

/**
 * Tells one process of an event that all of them read: each adds a job with the event's own id, so there is one job, and
 * whichever process takes it calls its listener.
 */
export class OnceQueue {
  readonly #queue: Queue;
  readonly #worker: Worker;
  readonly #handlers: readonly EventHandler[];

  constructor(root: JobsRoot, queue: string, handlers: readonly EventHandler[]) {
    const { connection } = root;
    const name = `${queue}~events`;
    this.#queue = new Queue(name, { connection });
    this.#handlers = handlers;
    this.#worker = new Worker({
      connection,
      queues: name,
      handlers: Object.fromEntries(handlers.map((handler) => [handler.label, (job: ActiveJob) => run(handler, job)])),
      defaults: { maxAttempts: 1 },
      logger: loggerOf(root),
    });
  }

  start(): Promise<void> {
    return this.#worker.start();
  }

  /** Sees to it that the handlers of this event are called, once among all processes. */
  async tell(event: QueueEvent): Promise<void> {
    const drafts = this.#handlers
      .filter(({ type }) => type === event.type)
      .map(({ label: name }) => {
        const id = `${event.eventId} ${name}`;
        return { name, data: event, options: { id, idForMs: REMEMBERED_MS, keep: { completed: { ageMs: 0 } } } };
      });
    if (drafts.length > 0) await this.#queue.addMany(drafts);
  }

  async stop(): Promise<void> {
    await this.#worker.stop();
    await this.#queue.close();
  }
}

async function run({ tell }: EventHandler, { data }: ActiveJob): Promise<void> {
  const event = data as Omit<QueueEvent, 'at'> & { readonly at: string };
  await tell({ ...event, at: new Date(event.at) });
}
