import { LeaseLostError, NoRedisError } from '../errors/index.js';
import type { QueueContext } from '../queue/queue-context.js';
import { CallUnknownError, scripts } from '../redis/index.js';
import type { Hold } from './hold.js';

/** Lines of log that a job can have, and how long each can be. */
const MAX_LOG_LINES = 1_000;
const MAX_LINE = 10_000;

/** What the attempts of a job write down: progress, results of steps, lines of a log, data to go on from. Only the holder of the job can. */
export class Notes {
  readonly #queue: QueueContext;
  readonly #hold: Hold;
  readonly #isOver: () => boolean;
  #earlier: Promise<ReadonlyMap<string, string>> | undefined;
  #lines: Promise<number> | undefined;

  /** @param isOver whether the attempt has ended: then nothing can be noted any more */
  constructor(queue: QueueContext, hold: Hold, isOver: () => boolean) {
    this.#queue = queue;
    this.#hold = hold;
    this.#isOver = isOver;
  }

  /** What earlier attempts noted; `undefined` while it cannot be read. */
  recall(): Promise<ReadonlyMap<string, string> | undefined> {
    return this.#recalled().catch(() => undefined);
  }

  /** @throws LeaseLostError when the attempt is over; StorageRefusedError */
  async progress(text: string): Promise<void> {
    await this.#note('p', '', text);
  }

  /** The result of a step that an earlier attempt recorded. @throws NoRedisError */
  async recordedStep(name: string): Promise<string | undefined> {
    return (await this.#recalled()).get(`t${name}`);
  }

  /** Records the result of a step and returns what is recorded: one that was there before stays. @throws as `progress` */
  recordStep(name: string, text: string): Promise<string> {
    return this.#note('t', name, text);
  }

  /** Appends a line; lines beyond a thousand are dropped. @throws as `progress` */
  async log(said: unknown): Promise<void> {
    const text = String(said);
    const line = text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}…` : text;
    // Numbered here, one after the other, so that a line sent twice is one line.
    const before = this.#lines ?? this.#countLines();
    this.#lines = before.then((count) => count + 1);
    this.#lines.catch(() => (this.#lines = undefined));
    const number = await this.#lines;
    if (number <= MAX_LOG_LINES) await this.#note('l', String(number), line);
  }

  /** Replaces the payload that later attempts get. @throws as `progress` */
  async checkpoint(data: string): Promise<void> {
    const { id, token, epoch } = this.#hold;
    await this.#write(() => this.#queue.run(scripts.checkpoint, { epoch: epoch.id, id, token, data }));
  }

  async #countLines(): Promise<number> {
    const fields = [...(await this.#recalled()).keys()];
    return fields.filter((field) => field.startsWith('l')).length;
  }

  #recalled(): Promise<ReadonlyMap<string, string>> {
    if (this.#earlier === undefined) {
      this.#earlier = this.#hold.header.hasNotes ? this.#read() : Promise.resolve(new Map());
      this.#earlier.catch(() => (this.#earlier = undefined));
    }
    return this.#earlier;
  }

  async #read(): Promise<ReadonlyMap<string, string>> {
    const { fields } = await this.#queue.ask(scripts.notes, { id: this.#hold.id });
    const notes = new Map<string, string>();
    for (let i = 0; i < fields.length; i += 2) notes.set(fields[i] ?? '', fields[i + 1] ?? '');
    return notes;
  }

  async #note(kind: 'p' | 't' | 'l', name: string, value: string): Promise<string> {
    const { id, token, epoch } = this.#hold;
    const args = { now: this.#queue.now, epoch: epoch.id, id, token, kind, name, value };
    return (await this.#write(() => this.#queue.run(scripts.note, args))).kept;
  }

  async #write<R extends { readonly code: string }>(call: () => Promise<R>): Promise<Extract<R, { code: 'OK' }>> {
    const { id, epoch } = this.#hold;
    for (;;) {
      if (this.#isOver() || epoch.isGone) throw new LeaseLostError(this.#queue.name, id);
      try {
        const reply = await call();
        if (reply.code === 'OK') return reply as Extract<R, { code: 'OK' }>;
        throw new LeaseLostError(this.#queue.name, id);
      } catch (error) {
        // A note written twice is one: while the lease may still hold, an outage is waited for.
        if (!(error instanceof CallUnknownError || NoRedisError.is(error))) throw error;
      }
    }
  }
}
