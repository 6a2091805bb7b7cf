import { scripts } from '../redis/index.js';
import { cancelJobs, type CancelOptions, type CancelOutcome } from './cancelling.js';
import { LaneQueue } from './lane.js';
import type { QueueContext } from './queue-context.js';

/** What became of a job whose run was to be taken away. */
export type ExpireOutcome = 'waiting' | 'was not active' | 'not found';

/** What became of a job that was to be removed. */
export type RemoveOutcome = 'removed' | 'is active' | 'not found';
/** What became of a job that was to be retried. */
export type RetryOutcome = 'waiting' | 'has not ended' | 'unique key taken' | 'not found';
/** What became of a job that was to be promoted. */
export type PromoteOutcome = 'waiting' | 'was not delayed' | 'not found';

const EXPIRE: Readonly<Record<string, ExpireOutcome>> = { E: 'waiting', L: 'was not active', N: 'not found' };
const REMOVE: Readonly<Record<string, RemoveOutcome>> = { R: 'removed', A: 'is active', N: 'not found' };
const RETRY: Readonly<Record<string, RetryOutcome>> = {
  R: 'waiting',
  L: 'has not ended',
  D: 'unique key taken',
  N: 'not found',
};
const PROMOTE: Readonly<Record<string, PromoteOutcome>> = { P: 'waiting', S: 'was not delayed', N: 'not found' };

/** Jobs changed in one call: finding one costs a look into every worker. */
const PAGE = 20;

type IdsCommand = (typeof scripts)['remove' | 'retry' | 'promote' | 'expire'];

/** Changes to single jobs, in a lane of their own: a call sent again changes nothing twice and tells the same. */
export class QueueAdmin {
  readonly #queue: QueueContext;
  readonly #lane: LaneQueue;

  constructor(queue: QueueContext) {
    this.#queue = queue;
    this.#lane = new LaneQueue(queue);
  }

  /** @throws as `cancelJobs` */
  cancel(ids: readonly string[], options: CancelOptions = {}): Promise<CancelOutcome[]> {
    return cancelJobs(this.#queue, this.#lane, ids, options);
  }

  expire(ids: readonly string[]): Promise<ExpireOutcome[]> {
    return this.#each(scripts.expire, ids, EXPIRE);
  }

  remove(ids: readonly string[]): Promise<RemoveOutcome[]> {
    return this.#each(scripts.remove, ids, REMOVE);
  }

  retry(ids: readonly string[]): Promise<RetryOutcome[]> {
    return this.#each(scripts.retry, ids, RETRY);
  }

  promote(ids: readonly string[]): Promise<PromoteOutcome[]> {
    return this.#each(scripts.promote, ids, PROMOTE);
  }

  /** `P` changed, `F` has ended, `N` not found. */
  async prioritize(id: string, priority: number): Promise<string> {
    const { now } = this.#queue;
    const reply = await this.#lane.call(
      scripts.prioritize,
      ({ laneId, seq }) => ({ now, laneId, seq, id, priority }),
      () => [id],
    );
    return reply.fate;
  }

  async #each<T>(command: IdsCommand, ids: readonly string[], words: Readonly<Record<string, T>>): Promise<T[]> {
    const outcomes: T[] = [];
    for (let from = 0; from < ids.length; from += PAGE) {
      const page = ids.slice(from, from + PAGE);
      const { now } = this.#queue;
      const { fates } = await this.#lane.call(
        command,
        ({ laneId, seq }) => ({ now, laneId, seq, ids: page }),
        () => page,
      );
      for (const letter of fates) outcomes.push(words[letter] as T);
    }
    return outcomes;
  }
}
