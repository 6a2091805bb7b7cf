import { validateName } from '../job/names.js';
import { wholeNumber } from '../options/check/checks.js';
import { fieldTable, readFields } from '../options/index.js';
import { scripts } from '../redis/index.js';
import { LaneQueue } from './lane.js';
import type { QueueContext } from './queue-context.js';

/** Jobs that wait for each other; see `batch()`. */
export interface OpenBatch {
  /** Of its jobs. */
  readonly name: string;
  /** What the handler's `key` gave; empty without one. */
  readonly key: string;
  /** How many jobs it has. */
  readonly size: number;
  /** When its first job joined. */
  readonly openedAt: Date;
  /** When it runs, if no other job joins before. */
  readonly runAt: Date;
}

/** Which part of the list of batches to read. */
export interface BatchListOptions {
  /** What the page before said; left out = from the start. */
  readonly cursor?: string | undefined;
  /** 1 to 1,000. @default 50 */
  readonly limit?: number | undefined;
}

/** One page of the list of batches. */
export interface BatchPage {
  readonly batches: OpenBatch[];
  /** Where the next page begins; absent on the last one. */
  readonly cursor?: string;
}

const DEFAULTS = Object.freeze({ cursor: '', limit: 50 });
const TABLE = fieldTable<{ cursor: string; limit: number }>({
  cursor: (value) => String(value),
  limit: wholeNumber(1, 1_000),
});
const FIELDS = 5;

/** The batches of a queue that wait for more jobs. @typeParam N the names of its jobs */
export class OpenBatches<N extends string = string> {
  readonly #queue: QueueContext;
  readonly #lane: LaneQueue;

  constructor(queue: QueueContext) {
    this.#queue = queue;
    this.#lane = new LaneQueue(queue);
  }

  /** A page of them, the one that runs first first. @throws InvalidOptionError, UnknownOptionError */
  async list(options: BatchListOptions = {}): Promise<BatchPage> {
    const where = (): string => `batches.list() of "${this.#queue.name}"`;
    const { cursor, limit } = { ...DEFAULTS, ...readFields(options, TABLE, where) };
    const page = await this.#queue.ask(scripts.batches, { cursor, limit });
    const batches: OpenBatch[] = [];
    for (let i = 0; i < page.rows.length; i += FIELDS) {
      const [name = '', key = '', size, openedAt, runAt] = page.rows.slice(i, i + FIELDS);
      const times = { openedAt: new Date(Number(openedAt)), runAt: new Date(Number(runAt)) };
      batches.push({ name, key, size: Number(size), ...times });
    }
    return page.cursor === '' ? { batches } : { batches, cursor: page.cursor };
  }

  /**
   * Lets those of a job name run now: the one of `key`, or all. Returns how many there were.
   *
   * @throws InvalidNameError, OutcomeUnknownError
   */
  async flush(name: N, key?: string): Promise<number> {
    validateName('job', name);
    if (key !== undefined && key !== '') validateName('batch key', key);
    let fired = 0;
    let cursor = '0';
    do {
      const which = { name, keyed: key === undefined ? 0 : 1, key: key ?? '', cursor };
      const { now } = this.#queue;
      const reply = await this.#lane.call(
        scripts.fireBatches,
        ({ laneId, seq }) => ({ now, laneId, seq, ...which }),
        () => [],
      );
      fired += reply.fired;
      ({ cursor } = reply);
    } while (cursor !== '0');
    return fired;
  }
}
