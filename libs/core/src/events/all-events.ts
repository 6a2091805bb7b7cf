import { sleep } from '../clock/index.js';
import { InvalidOptionError, type Where } from '../errors/index.js';
import { validateName } from '../job/names.js';
import { fieldTable, readFields, type Check } from '../options/index.js';
import { QueueContext } from '../queue/queue-context.js';
import { registryKey, type Connection } from '../redis/index.js';
import { Merge } from './merge.js';
import type { QueueEvent } from './queue-event.js';
import { QueueEvents, type EventsOptions } from './queue-events.js';

/** An event of one of several queues. */
export interface AnyQueueEvent extends QueueEvent {
  readonly queue: string;
  /** Where the reading stands in all the queues: `allEvents(connection, { from: cursor })` goes on after it. Opaque. */
  readonly cursor: string;
}

/** Which queues, where to begin, and when to end. */
export interface AllEventsOptions extends Pick<EventsOptions, 'types' | 'signal'> {
  /** Only these. @default all queues of the connection's prefix, those that come later too */
  readonly queues?: readonly string[] | undefined;
  /** The `cursor` of the last event seen. @default only new events */
  readonly from?: string | undefined;
}

type Cursor = ReadonlyMap<string, string>;

interface Wanted {
  readonly queues: readonly string[];
  readonly from: Cursor;
  readonly types: readonly QueueEvent['type'][];
  readonly signal: AbortSignal;
}

const TABLE = fieldTable<Wanted>({
  queues: checkQueues,
  from: checkCursor,
  // The reader of each queue checks them.
  types: (value) => value as Wanted['types'],
  signal: (value) => value as AbortSignal,
});

/** How often to look for queues that are new. */
const LOOK_MS = 2_000;
/** Before the first entry of a stream: of a queue that is new, nothing was seen yet. */
const BEGINNING = '0-0/999999999';

/**
 * What happens to the jobs of all queues of a connection, in every process. Within a queue the order is that of Redis; events
 * of several queues come as they are read. At most one event of each queue is read ahead of who listens.
 *
 * @example
 * for await (const event of allEvents(connection, { from: await load() })) await save(event.cursor);
 *
 * @throws InvalidOptionError, UnknownOptionError
 */
export function allEvents(connection: Connection, options: AllEventsOptions = {}): AsyncIterable<AnyQueueEvent> {
  const { queues, from, types, signal } = readFields(options, TABLE, 'allEvents()');
  const ofQueue: EventsOptions = { types, signal };
  return {
    [Symbol.asyncIterator]: () => new AllEvents(connection, queues, from, ofQueue),
  };
}

/** One reading of several queues. */
class AllEvents implements AsyncIterator<AnyQueueEvent> {
  readonly #connection: Connection;
  readonly #wanted: readonly string[] | undefined;
  readonly #cursor: Map<string, string>;
  readonly #isResumed: boolean;
  readonly #ofQueue: EventsOptions;
  readonly #merge = new Merge<readonly [queue: string, event: QueueEvent]>();
  readonly #ending = new AbortController();
  readonly #contexts = new Map<string, QueueContext>();
  #isFirstLook = true;

  constructor(
    connection: Connection,
    wanted: readonly string[] | undefined,
    from: Cursor | undefined,
    ofQueue: EventsOptions,
  ) {
    this.#connection = connection;
    this.#wanted = wanted;
    this.#cursor = new Map(from);
    this.#isResumed = from !== undefined;
    this.#ofQueue = ofQueue;
    const { signal } = ofQueue;
    if (signal?.aborted === true) this.#end();
    else {
      signal?.addEventListener('abort', () => this.#end(), { once: true });
      this.#look().catch((error: unknown) => this.#merge.fail(error));
    }
  }

  async next(): Promise<IteratorResult<AnyQueueEvent, undefined>> {
    const taken = await this.#merge.take();
    if (taken === undefined) return { done: true, value: undefined };
    const [queue, event] = taken;
    this.#cursor.set(queue, event.eventId);
    return { done: false, value: { ...event, queue, cursor: JSON.stringify(Object.fromEntries(this.#cursor)) } };
  }

  async return(): Promise<IteratorResult<AnyQueueEvent, undefined>> {
    this.#end();
    return { done: true, value: undefined };
  }

  #end(): void {
    this.#ending.abort();
    this.#merge.end();
    for (const context of this.#contexts.values()) context.close();
  }

  /** Looks for queues, again and again unless they were named. */
  async #look(): Promise<void> {
    const { signal } = this.#ending;
    const { client, prefix, clock } = this.#connection;
    while (!signal.aborted) {
      // An outage is waited out: the readers of the queues do the same.
      const known = await client.hgetall(registryKey(prefix)).catch(() => undefined);
      if (known !== undefined) this.#follow(known);
      if (known !== undefined && this.#wanted !== undefined) return;
      await sleep(clock, LOOK_MS, { signal, unref: true, background: true }).catch(() => {});
    }
  }

  /** @param places by queue: a format and a slot, see `register` */
  #follow(places: Readonly<Record<string, string>>): void {
    if (this.#ending.signal.aborted) return;
    for (const name of this.#wanted ?? Object.keys(places)) {
      if (this.#contexts.has(name)) continue;
      const [, slot = ''] = (places[name] ?? '').split('\t');
      const context = new QueueContext(name, this.#connection, slot === '' ? undefined : slot, undefined);
      this.#contexts.set(name, context);
      const isNew = this.#isResumed || !this.#isFirstLook;
      const from = this.#cursor.get(name) ?? (isNew ? BEGINNING : undefined);
      const events = new QueueEvents(context).read({ ...this.#ofQueue, from, signal: this.#ending.signal });
      void this.#merge.feed(events, (event) => [name, event] as const);
    }
    this.#isFirstLook = false;
  }
}

function checkQueues(value: unknown, path: string, where: Where): readonly string[] {
  if (Array.isArray(value) && value.length > 0)
    return [...new Set(value.map((name: unknown) => validateName('queue', name)))];
  throw new InvalidOptionError({ where, path, value, expected: 'a list of names of queues' });
}

function checkCursor(...[value, path, where]: Parameters<Check<Cursor>>): Cursor {
  try {
    const parsed = Object.entries(JSON.parse(String(value)) as Record<string, unknown>);
    if (parsed.every(([, id]) => /^\d{1,15}-\d{1,19}\/\d{1,9}$/.test(String(id))))
      return new Map(parsed as [string, string][]);
  } catch {
    // It is said below what it has to be.
  }
  throw new InvalidOptionError({ where, path, value, expected: 'the cursor of an event of allEvents()' });
}
