import type { AnyJobs, EventsOptions, Queue, QueueEvent } from '@millrace/core';
import { waitFor } from '../../support/wait-for.ts';

const PROBE = 'probe';

/** Reads the events of a queue in the background, and keeps them. */
export class EventReader {
  readonly events: QueueEvent[] = [];
  /** Settles when the reading has ended. */
  readonly ended: Promise<void>;
  readonly #ending = new AbortController();
  #hasSeenProbe = false;

  constructor(queue: Queue<AnyJobs>, options: EventsOptions = {}) {
    this.ended = this.#read(queue.events({ ...options, signal: this.#ending.signal }));
  }

  /** Begins to read what is new; resolves when nothing new can be missed any more. */
  static async start(queue: Queue<AnyJobs>): Promise<EventReader> {
    const reader = new EventReader(queue);
    await waitFor('the reader to listen', async () => {
      const probe = await queue.add(PROBE, 1, { delayMs: 3_600_000 });
      await queue.remove(probe.id);
      return reader.#hasSeenProbe;
    });
    return reader;
  }

  /** What was told so far: `waiting first`. */
  get told(): string[] {
    return this.events.map(({ type, name }) => (name === undefined ? type : `${type} ${name}`));
  }

  async until(what: string, isThere: (events: readonly QueueEvent[]) => boolean): Promise<void> {
    await waitFor(what, () => isThere(this.events));
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.ended;
  }

  async #read(events: AsyncIterable<QueueEvent>): Promise<void> {
    for await (const event of events) {
      if (event.name === PROBE) this.#hasSeenProbe = true;
      else this.events.push(event);
    }
  }
}
