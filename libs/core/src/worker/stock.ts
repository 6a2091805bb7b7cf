import type { Clock } from '../clock/index.js';
import type { ResolvedHandler } from '../options/index.js';
import { HoldBuffer, type StalledRun } from './buffer.js';
import type { CallSlot, Epoch } from './epoch.js';
import type { Answer } from './exchanger.js';
import { Hold } from './hold.js';
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

/** What one queue of a worker holds: what has not started is in the buffer, and all of it in the table that the keeper sees. */
export class Stock {
  readonly buffer: HoldBuffer;
  readonly table: HoldTable;
  readonly #clock: Clock;

  /** @param stalledRun shared by the queues of the worker */
  constructor(clock: Clock, handlers: ReadonlyMap<string, ResolvedHandler>, stalledRun: StalledRun, size: StockSize) {
    this.#clock = clock;
    this.buffer = new HoldBuffer(handlers, stalledRun);
    this.table = new HoldTable(2 * (Math.min(size.running, MAX_RUNNING) + size.ahead) + SPARE_PLACES);
  }

  /** Takes in what a call has leased. */
  add(epoch: Epoch, { name: slot, seq }: CallSlot, { jobs, headers }: Answer): void {
    const headerOf = new Map<number, string>();
    for (let i = 0; i < headers.length; i += 2) headerOf.set(Number(headers[i]), headers[i + 1]!);
    const leasedAt = this.#clock.monotonic();
    const token = `${slot}.${seq}`;
    for (let i = 0; i < jobs.length; i += 2) {
      const id = jobs[i]!;
      const place = this.table.put(id, epoch.number, slot, seq);
      const word = this.table.word(place);
      const header = headerOf.get(i / 2 + 1);
      this.buffer.push(new Hold({ id, token, epoch, place, word, leasedAt, header, text: jobs[i + 1]! }));
    }
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
