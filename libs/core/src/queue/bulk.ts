import { InvalidOptionError } from '../errors/index.js';
import { callable, oneOf, wholeNumber } from '../options/check/checks.js';
import { fieldTable, readFields } from '../options/index.js';
import { scripts } from '../redis/index.js';
import { checkGroup } from './failures.js';
import { LaneQueue } from './lane.js';
import type { QueueContext } from './queue-context.js';

/** How many jobs of a selection are touched, and who hears of it. */
export interface BulkOptions {
  /** At most so many, the oldest end first. @default all */
  readonly limit?: number | undefined;
  /** Only count. @default false */
  readonly dryRun?: boolean | undefined;
  /** Told after each call to Redis: how many jobs are done, of how many. */
  readonly onProgress?: ((done: number, of: number) => void) | undefined;
}

/** Finished jobs: those of a group of failures, or of a state. */
export type Selection = BulkOptions &
  (
    | { readonly group: string; readonly state?: undefined }
    | { readonly state: 'failed' | 'timed_out' | 'broken' | 'cancelled'; readonly group?: undefined }
  );

/** What became of a selection. */
export interface BulkResult {
  /** How many jobs there were when the call came. */
  readonly matched: number;
  /** To how many it was done. None with `dryRun`. */
  readonly done: number;
  /** Jobs to which it was not done: those whose unique keys others have now are not retried, those that have left meanwhile are left. */
  readonly passedOver: number;
}

/** Those of {@link BulkOptions}, checked. */
export interface CheckedBulk {
  readonly limit: number;
  readonly dryRun: boolean;
  readonly onProgress: (done: number, of: number) => void;
}

/** What can be said of every change to many jobs. */
export const BULK_FIELDS = Object.freeze({
  limit: wholeNumber(1, Number.MAX_SAFE_INTEGER),
  dryRun: oneOf(true, false),
  onProgress: callable<(done: number, of: number) => void>(),
});

/** Jobs touched in one call, which is then over in a few ms. */
const PAGE = 100;

const TABLE = fieldTable<CheckedBulk & { readonly group: string; readonly state: string }>({
  group: checkGroup,
  state: oneOf('failed', 'timed_out', 'broken', 'cancelled'),
  ...BULK_FIELDS,
});

/** Changes to many finished jobs: in steps, each of which has one effect however often it is sent. */
export class Bulk {
  readonly #queue: QueueContext;
  readonly #lane: LaneQueue;

  constructor(queue: QueueContext) {
    this.#queue = queue;
    this.#lane = new LaneQueue(queue);
  }

  /** @throws InvalidOptionError, UnknownOptionError; OutcomeUnknownError: what the steps before did is done */
  async run(command: 'retryMany' | 'discard', selection: Selection): Promise<BulkResult> {
    const name = command === 'retryMany' ? 'retry' : command;
    const where = (): string => `${name}('${this.#queue.name}')`;
    const { group, state, limit = Infinity, dryRun = false, onProgress } = readFields(selection, TABLE, where);
    if ((group === undefined) === (state === undefined)) {
      throw new InvalidOptionError({ where, path: 'group', value: group, expected: 'a group or a state, one of them' });
    }
    const chosen = group === undefined ? { what: 'state', value: state ?? '' } : { what: 'group', value: group };
    const step = (cursor: string, untilMs: number, most: number) =>
      this.#lane.call(
        command === 'discard' ? scripts.discard : scripts.retryMany,
        ({ laneId, seq }) => ({ now: this.#queue.now, laneId, seq, ...chosen, untilMs, cursor, limit: most }),
        () => [],
      );
    const { left: matched, at } = await step('', 0, 0);
    const total = Math.min(matched, limit);
    let [done, passedOver, cursor] = [0, 0, ''];
    // What ended later stays: a job that is retried and fails again is not met twice.
    while (!dryRun && done + passedOver < matched && done < total) {
      const reply = await step(cursor, at, Math.min(PAGE, total - done));
      done += reply.done;
      passedOver += reply.passed;
      cursor = reply.cursor;
      onProgress?.(done, total);
      if (cursor === '') break;
    }
    return { matched, done, passedOver };
  }
}
