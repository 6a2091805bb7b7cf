import type { Logger } from '@millrace/core';
import { sleep } from '@millrace/core/internal';

import type { DiscoveredListener } from '../interfaces/discovered.interface.js';
import { listeningFailed } from '../jobs.messages.js';
import type { JobsRoot } from '../registration/jobs-root.js';
import { eventHandlers } from './event-handlers.js';
import { loggerOf } from './jobs.logger.js';
import { OnceQueue } from './once-queue.js';

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
    this.#reading = Promise.all([...queues].map((queue) => this.#follow(queue)));
  }

  /** Resolves when no listener is called any more. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#reading;
  }

  async #follow(queue: string): Promise<void> {
    const handlers = eventHandlers(queue, this.#listeners, this.#logger);
    const shared = handlers.filter(({ isOnce }) => isOnce);
    const once = shared.length === 0 ? undefined : new OnceQueue(this.#root, queue, shared);
    const everywhere = handlers.filter(({ isOnce }) => !isOnce);
    const { signal } = this.#ending;
    let from: string | undefined;
    while (!signal.aborted) {
      try {
        await once?.start();
        for await (const event of this.#root.queue(queue).events({ from, signal })) {
          from = event.eventId;
          await once?.tell(event);
          for (const { tell } of everywhere.filter(({ type }) => type === event.type)) await tell(event);
        }
      } catch (error) {
        if (!signal.aborted) this.#logger.warn(listeningFailed(queue), { error: (error as Error).message });
      }
      await sleep(this.#root.connection.clock, PAUSE_MS, { signal, unref: true }).catch(() => undefined);
    }
    await once?.stop();
  }
}
