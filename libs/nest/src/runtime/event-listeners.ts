import { sleep, type Logger, type QueueEvent } from '@millrace/core';

import { labelOf } from '../discovery/jobs.explorer.js';
import type { DiscoveredListener } from '../interfaces/discovered.interface.js';
import { listenerFailed, listeningFailed } from '../jobs.messages.js';
import type { JobsRoot } from '../registration/jobs-root.js';
import { loggerOf } from './jobs.logger.js';

/** How long to wait before reading again when reading failed. */
const PAUSE_MS = 1_000;

/** Calls the `@OnQueueEvent()` methods of a root's listeners: one reader a queue, however many listen. */
export class EventListeners {
  readonly #root: JobsRoot;
  readonly #listeners: readonly DiscoveredListener[];
  readonly #logger: Logger;
  readonly #ending = new AbortController();
  #reading: Promise<unknown> = Promise.resolve();

  constructor(root: JobsRoot, listeners: readonly DiscoveredListener[]) {
    this.#root = root;
    this.#listeners = listeners;
    this.#logger = loggerOf(root);
  }

  start(): void {
    const queues = new Set(this.#listeners.flatMap(({ queues: wanted }) => wanted));
    this.#reading = Promise.all([...queues].map((queue) => this.#read(queue)));
  }

  /** Resolves when no listener is called any more. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#reading;
  }

  async #read(queue: string): Promise<void> {
    const { signal } = this.#ending;
    const listeners = this.#listeners.filter(({ queues }) => queues.includes(queue));
    let from: string | undefined;
    while (!signal.aborted) {
      try {
        for await (const event of this.#root.queue(queue).events({ from, signal })) {
          from = event.eventId;
          await this.#tell(event, listeners);
        }
      } catch (error) {
        if (!signal.aborted) this.#logger.warn(listeningFailed(queue), { error: (error as Error).message });
      }
      await sleep(this.#root.connection.clock, PAUSE_MS, { signal, unref: true }).catch(() => undefined);
    }
  }

  async #tell(event: QueueEvent, listeners: readonly DiscoveredListener[]): Promise<void> {
    for (const listener of listeners) {
      for (const { methodName } of listener.events.filter(({ event: type }) => type === event.type)) {
        try {
          const instance = listener.wrapper.instance as object;
          await (Reflect.get(instance, methodName) as (event: QueueEvent) => unknown).call(instance, event);
        } catch (error) {
          const label = listenerFailed(labelOf(listener, methodName), `${event.type} ${event.id}`);
          this.#logger.error(label, { stack: error instanceof Error ? error.stack : String(error) });
        }
      }
    }
  }
}
