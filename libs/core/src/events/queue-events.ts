import { InvalidOptionError, type Where } from '../errors/index.js';
import { validateName } from '../job/names.js';
import { fieldTable, readFields } from '../options/index.js';
import type { QueueContext } from '../queue/queue-context.js';
import { scripts } from '../redis/index.js';
import { Bell } from './bell.js';
import { listen } from './listening.js';
import { decodeEntry, QUEUE_EVENT_TYPES, type QueueEvent } from './queue-event.js';

/** Where to begin, and when to end. */
export interface EventsOptions {
  /** The `eventId` of the last event seen; what came after it is read first. @default only new events */
  readonly from?: string | undefined;
  /** Only those of one job; a `gap` is told all the same. */
  readonly job?: string | undefined;
  /** Only those of these types; a `gap` is told all the same. @default all */
  readonly types?: readonly QueueEvent['type'][] | undefined;
  /** Ends the reading. */
  readonly signal?: AbortSignal | undefined;
}

interface Position {
  readonly entry: string;
  readonly index: number;
}

interface Wanted {
  readonly from: Position;
  readonly job: string;
  readonly types: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

const TABLE = fieldTable<Wanted>({
  from: checkFrom,
  job: (value) => validateName('job id', value),
  types: checkTypes,
  signal: checkSignal,
});

/** The floor where no nudge arrives. */
const POLL_MS = 2_000;
const ENTRIES = 100;
/** Behind every event of an entry. */
const LAST_INDEX = 999_999_999;

/** Reads the event stream of a queue: nudged by a message, never blocking a connection. */
export class QueueEvents {
  readonly #queue: QueueContext;
  readonly #closing = new AbortController();

  constructor(queue: QueueContext) {
    this.#queue = queue;
  }

  /** Ends all reading. */
  close(): void {
    this.#closing.abort();
  }

  /** @throws InvalidOptionError, UnknownOptionError */
  read(options: EventsOptions): AsyncIterable<QueueEvent> {
    const { from, job, types, signal } = readFields(options, TABLE, () => `events('${this.#queue.name}')`);
    const isWanted = ({ id, type }: QueueEvent): boolean =>
      type === 'gap' || ((job === undefined || id === job) && (types === undefined || types.has(type)));
    return {
      [Symbol.asyncIterator]: () => {
        const ending = new AbortController();
        const signals = [this.#closing.signal, ending.signal, ...(signal === undefined ? [] : [signal])];
        const events = this.#until(AbortSignal.any(signals), ending, isWanted, from);
        return {
          next: () => events.next(),
          // A generator that waits for an event would hear of it only after that.
          return: () => {
            ending.abort();
            return events.return(undefined);
          },
        };
      },
    };
  }

  /** Reads until the signal aborts; an outage is waited out. */
  async *#until(
    signal: AbortSignal,
    ending: AbortController,
    isWanted: (event: QueueEvent) => boolean,
    from?: Position,
  ): AsyncGenerator<QueueEvent, undefined> {
    try {
      if (signal.aborted) return undefined;
      for await (const event of this.#stream(signal, from)) if (isWanted(event)) yield event;
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      ending.abort();
    }
    return undefined;
  }

  async *#stream(signal: AbortSignal, from: Position | undefined): AsyncGenerator<QueueEvent, void> {
    const bell = new Bell(this.#queue.clock);
    signal.addEventListener('abort', () => bell.ring(), { once: true });
    const { connection, base } = this.#queue;
    await this.#queue.declare();
    const leave = await connection.subscriber.subscribe(`${base}:n`, () => bell.ring());
    try {
      await listen(this.#queue, signal);
      let after = from?.entry ?? (await this.#page('', 0, signal)).last;
      const rest = from === undefined ? [] : await this.#restOf(from, signal);
      yield* rest ?? [];
      let isGap = rest === undefined;
      while (!signal.aborted) {
        const page = await this.#page(after, ENTRIES, signal);
        if ((isGap || page.isGap) && page.events[0]?.type !== 'gap') yield this.#gapAfter(after);
        isGap = false;
        for (const event of page.events) {
          if (signal.aborted) return;
          yield event;
        }
        after = page.last;
        if (!page.isFull) await bell.wait(POLL_MS);
      }
    } finally {
      leave();
    }
  }

  /**
   * Events of one entry are several: those after the one that was seen last. `undefined` if the entry was trimmed away:
   * nobody knows any more whether it had others.
   */
  async #restOf({ entry, index }: Position, signal: AbortSignal): Promise<QueueEvent[] | undefined> {
    const { last, events } = await this.#page(before(entry), 1, signal);
    if (last !== entry) return index === LAST_INDEX ? [] : undefined;
    return events.filter(({ eventId }) => Number(eventId.slice(entry.length + 1)) > index);
  }

  async #page(after: string, limit: number, signal: AbortSignal): Promise<Page> {
    const args = { after, limit };
    const reply = await this.#queue.run(scripts.readEvents, args, { repeatUntilAnswered: signal });
    const { last, gap, entries } = reply;
    const events: QueueEvent[] = [];
    for (let i = 0; i < entries.length; i += 3) {
      events.push(...decodeEntry(entries[i]!, entries[i + 1]!, entries[i + 2]!));
    }
    return { last, events, isGap: gap === 1, isFull: entries.length === 3 * ENTRIES };
  }

  #gapAfter(entry: string): QueueEvent {
    return {
      eventId: `${entry}/${LAST_INDEX}`,
      type: 'gap',
      id: '',
      name: undefined,
      at: new Date(this.#queue.clock.now()),
    };
  }
}

/** A part of the stream. */
interface Page {
  /** The entry to go on after. */
  readonly last: string;
  readonly events: readonly QueueEvent[];
  /** Entries before these are gone, unread. */
  readonly isGap: boolean;
  readonly isFull: boolean;
}

function checkFrom(value: unknown, path: string, where: Where): Position {
  const parts = typeof value === 'string' ? /^(\d{1,15}-\d{1,19})\/(\d{1,9})$/.exec(value) : null;
  if (parts === null) throw new InvalidOptionError({ where, path, value, expected: 'the eventId of an event' });
  return { entry: parts[1]!, index: Number(parts[2]) };
}

function checkTypes(value: unknown, path: string, where: Where): ReadonlySet<string> {
  const known: readonly unknown[] = QUEUE_EVENT_TYPES;
  if (Array.isArray(value) && value.length > 0 && value.every((type) => known.includes(type)))
    return new Set(value as string[]);
  throw new InvalidOptionError({ where, path, value, expected: `a list of ${QUEUE_EVENT_TYPES.join(', ')}` });
}

function checkSignal(value: unknown, path: string, where: Where): AbortSignal {
  if (value instanceof AbortSignal) return value;
  throw new InvalidOptionError({ where, path, value, expected: 'an AbortSignal' });
}

/** The id right before an entry's: reading after it gives the entry again. */
function before(entry: string): string {
  const [ms = 0n, seq = 0n] = entry.split('-').map(BigInt);
  if (seq > 0n) return `${ms}-${seq - 1n}`;
  return ms === 0n ? '0-0' : `${ms - 1n}-18446744073709551615`;
}
