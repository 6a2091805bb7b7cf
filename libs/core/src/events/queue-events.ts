import { sleep } from '../clock/index.js';
import { InvalidOptionError } from '../errors/index.js';
import type { QueueContext } from '../queue/queue-context.js';
import { scripts } from '../redis/index.js';
import { decodeEntry, type QueueEvent } from './queue-event.js';

/** Where to begin, and when to end. */
export interface EventsOptions {
  /** The `eventId` of the last event seen; what came after it is read first. @default only new events */
  readonly from?: string | undefined;
  /** Ends the reading. */
  readonly signal?: AbortSignal | undefined;
}

/** The core writes events while somebody listens: a reader says so again well before it is forgotten. */
const LISTENING_MS = 60_000;
const SAY_SO_MS = 20_000;
/** The floor where no nudge arrives. */
const POLL_MS = 2_000;
const ENTRIES = 100;

/** Reads the event stream of a queue: nudged by a message, never blocking a connection. */
export class QueueEvents {
  readonly #queue: QueueContext;
  readonly #ending = new AbortController();

  constructor(queue: QueueContext) {
    this.#queue = queue;
  }

  /** Ends all reading. */
  close(): void {
    this.#ending.abort();
  }

  /** @throws InvalidOptionError for a `from` that is no event's id */
  read({ from, signal }: EventsOptions): AsyncIterable<QueueEvent> {
    const start = parseFrom(from);
    const signals = signal === undefined ? [this.#ending.signal] : [this.#ending.signal, signal];
    return { [Symbol.asyncIterator]: () => this.#stream(start, AbortSignal.any(signals)) };
  }

  async *#stream(start: Position | undefined, signal: AbortSignal): AsyncGenerator<QueueEvent, undefined> {
    const bell = new Bell();
    const { connection, base } = this.#queue;
    await this.#queue.declare();
    const leave = await connection.subscriber.subscribe(`${base}:n`, () => bell.ring());
    try {
      let saidAt = await this.#listen();
      let after = start?.entry ?? (await this.#page('', 0)).last;
      if (start !== undefined) yield* await this.#restOf(start);
      while (!signal.aborted) {
        const page = await this.#page(after, ENTRIES);
        if (page.gap) yield gapAfter(after, new Date(this.#queue.clock.now()));
        for (const event of page.events) {
          yield event;
          if (signal.aborted) return;
        }
        after = page.last;
        if (page.isFull) continue;
        if (this.#queue.clock.monotonic() - saidAt > SAY_SO_MS) saidAt = await this.#listen();
        await bell.wait(this.#queue, POLL_MS, signal);
      }
    } finally {
      leave();
    }
    return undefined;
  }

  async #listen(): Promise<number> {
    await this.#queue.run(scripts.configure, { now: this.#queue.now, fields: ['listening', String(LISTENING_MS)] });
    return this.#queue.clock.monotonic();
  }

  /** Events of one entry are several: those after the one that was seen last. */
  async #restOf({ entry, index }: Position): Promise<QueueEvent[]> {
    const { events } = await this.#page(before(entry), 1);
    return events.filter(
      ({ eventId }) => eventId.startsWith(`${entry}/`) && Number(eventId.slice(entry.length + 1)) > index,
    );
  }

  async #page(
    after: string,
    limit: number,
  ): Promise<{ last: string; gap: boolean; isFull: boolean; events: QueueEvent[] }> {
    const { last, gap, entries } = await this.#queue.run(scripts.readEvents, { after, limit });
    const events: QueueEvent[] = [];
    for (let i = 0; i < entries.length; i += 3)
      events.push(...decodeEntry(entries[i]!, entries[i + 1]!, entries[i + 2]!));
    return { last, gap: gap === 1, isFull: entries.length === 3 * ENTRIES, events };
  }
}

interface Position {
  readonly entry: string;
  readonly index: number;
}

function parseFrom(from: string | undefined): Position | undefined {
  if (from === undefined) return undefined;
  const parts = /^(\d+-\d+)\/(\d+)$/.exec(from);
  if (parts === null) {
    throw new InvalidOptionError({ where: 'events()', path: 'from', value: from, expected: 'the eventId of an event' });
  }
  return { entry: parts[1]!, index: Number(parts[2]) };
}

/** The id right before an entry's: reading after it gives the entry again. */
function before(entry: string): string {
  const [ms = 0n, seq = 0n] = entry.split('-').map(BigInt);
  if (seq > 0n) return `${ms}-${seq - 1n}`;
  return ms === 0n ? '0-0' : `${ms - 1n}-18446744073709551615`;
}

function gapAfter(entry: string, at: Date): QueueEvent {
  return { eventId: `${entry}/0`, type: 'gap', id: '', name: undefined, at };
}

/** Wakes one waiter; a ring while nobody waits is remembered. */
class Bell {
  #rang = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rang = true;
    this.#wake?.();
  }

  async wait(queue: QueueContext, ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#rang && !signal.aborted) {
      const rung = new AbortController();
      this.#wake = () => rung.abort();
      await sleep(queue.clock, ms, { signal: AbortSignal.any([rung.signal, signal]) }).catch(() => {});
      this.#wake = undefined;
    }
    this.#rang = false;
  }
}
