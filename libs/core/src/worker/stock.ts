import type { Clock } from '../clock/index.js';
import { MAX_BATCH_SIZE, type ResolvedHandler } from '../options/index.js';
import { HoldBuffer, type StalledRun } from './buffer.js';
import type { CallSlot, Epoch } from './epoch.js';
import type { Answer } from './exchanger.js';
import { Hold, Unit } from './hold.js';
import { HoldTable } from './hold-table.js';

/** How much there is room for. */
export interface StockSize {
  /** How many jobs run at once. */
  readonly running: number;
  /** How many are taken ahead. */
  readonly ahead: number;
}

/** Places for jobs that run where concurrency has no bound, or a very high one. */
const MAX_RUNNING = 8_192;
const SPARE_PLACES = 64;
/** What two calls can bring beyond what they asked for: a call hands over a thousand jobs in batches. */
const MAX_OF_BATCHES = 2 * MAX_BATCH_SIZE;
/** Places for jobs in batches that run. Where more could run, fewer do: 18 MB are enough. */
const MAX_TOGETHER = 32_768;

/** What one queue of a worker holds: what has not started is in the buffer, and all of it in the table that the keeper sees. */
export class Stock {
  readonly buffer: HoldBuffer;
  readonly table: HoldTable;
  /** Came alone, and may have to wait for their batches. */
  readonly singles: Hold[] = [];
  readonly #clock: Clock;
  readonly #reserve: number;

  /** @param stalledRun shared by the queues of the worker */
  constructor(clock: Clock, handlers: ReadonlyMap<string, ResolvedHandler>, stalledRun: StalledRun, size: StockSize) {
    this.#clock = clock;
    this.buffer = new HoldBuffer(handlers, stalledRun);
    const sizes = Array.from(handlers.values(), ({ batch }) => batch?.maxSize ?? 0);
    const largest = Math.max(...sizes);
    this.#reserve = largest === 0 ? 0 : MAX_OF_BATCHES;
    const running = Math.min(size.running, MAX_RUNNING);
    const together = Math.min(largest * running, MAX_TOGETHER) + this.#reserve;
    this.table = new HoldTable(2 * (running + size.ahead) + SPARE_PLACES + together);
  }

  /** How many more jobs could be asked for: what comes with a batch beside its first must find a place, too. */
  get room(): number {
    return Math.max(0, this.table.room - this.#reserve);
  }

  /** Takes in what a call has leased; returns how many it had places for. */
  add(epoch: Epoch, { name: slot, seq }: CallSlot, { jobs, headers }: Answer): number {
    const headerOf = new Map<number, string>();
    const batches: string[] = [];
    for (let i = 0; i < headers.length; i += 2) {
      if (headers[i]!.includes('-')) batches.push(headers[i]!);
      else headerOf.set(Number(headers[i]), headers[i + 1]!);
    }
    const isMixed = batches.length > 0 || this.#reserve > 0;
    const held: Hold[] = [];
    const count = Math.min(jobs.length / 2, this.table.room);
    const leasedAt = this.#clock.monotonic();
    const token = `${slot}.${seq}`;
    for (let i = 0; i < 2 * count; i += 2) {
      const id = jobs[i]!;
      const place = this.table.put(id, epoch.number, slot, seq);
      const word = this.table.word(place);
      const header = headerOf.get(i / 2 + 1);
      const hold = new Hold({ id, token, epoch, place, word, leasedAt, header, text: jobs[i + 1]! });
      if (isMixed) held.push(hold);
      else this.buffer.push(hold);
    }
    if (isMixed) this.#sort(held, batches);
    return count;
  }

  /** Takes in jobs that run together, if their handler still wants that. */
  together(holds: readonly Hold[]): void {
    const [first] = holds;
    if (first === undefined) return;
    if (this.buffer.handlerOf(first.envelope.name)?.batch === undefined) {
      for (const hold of holds) this.buffer.push(hold);
      return;
    }
    first.unit = new Unit(holds);
    this.buffer.push(first);
  }

  /** @param batches which of the holds are one batch: the number of its first, a hyphen, and that of its last */
  #sort(held: readonly Hold[], batches: readonly string[]): void {
    let next = 0;
    for (const batch of batches) {
      const [first = 1, last = 0] = batch.split('-').map(Number);
      this.singles.push(...held.slice(next, first - 1));
      this.together(held.slice(first - 1, last));
      next = last;
    }
    this.singles.push(...held.slice(next));
  }

  /** Takes out all that has not started, and returns what the keeper has not given back: it is to be handed in. */
  empty(): Hold[] {
    return this.buffer.drain().filter(({ place, word }) => this.table.end(place, word));
  }

  /** Forgets all that has not started: it is not held any more. */
  clear(): void {
    for (const hold of this.empty()) this.answered(hold);
  }

  /** Forgets one that has not started, because it was taken away. */
  remove(id: string, token: string): void {
    for (const hold of this.buffer.remove((held) => held.id === id && held.token === token)) {
      if (this.table.end(hold.place, hold.word)) this.answered(hold);
    }
  }

  /** Ends one that has left the buffer: it is to be handed in. False if the keeper has done that. */
  end(hold: Hold): boolean {
    this.buffer.ended(hold);
    return this.table.end(hold.place, hold.word);
  }

  /** Forgets one that has left the buffer: it is not held any more. */
  drop(hold: Hold): void {
    if (this.end(hold)) this.answered(hold);
  }

  /** Redis has answered to the end of one. */
  answered({ place, word }: Hold): void {
    this.table.free(place, word);
  }

  /** How long the oldest of those that have not started has waited, in ms; 0 if there is none. */
  get staleMs(): number {
    return Math.max(0, this.#clock.monotonic() - this.buffer.oldestAt);
  }
}
