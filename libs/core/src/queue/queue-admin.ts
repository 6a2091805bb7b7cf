import { sleep } from '../clock/index.js';
import { duration } from '../options/check/checks.js';
import { fieldTable, readFields } from '../options/index.js';
import { scripts } from '../redis/index.js';
import { LaneQueue } from './lane.js';
import type { QueueContext } from './queue-context.js';

/** What became of a job that was to be cancelled. */
export type CancelOutcome =
  | 'cancelled'
  | 'cancelled while active'
  /** With `waitMs`: its worker has not shown in that time that it knows. */
  | 'cancelled while active, not confirmed'
  | 'had ended'
  | 'not found';
/** What became of a job whose run was to be taken away. */
export type ExpireOutcome = 'waiting' | 'was not active' | 'not found';

/** How to cancel. */
export interface CancelOptions {
  /**
   * Wait until the workers of running jobs have confirmed that they know of it (their signals are aborted, their outcomes
   * will not count), and no longer than this. @default 0: do not wait
   */
  readonly waitMs?: number | undefined;
}

/** What became of a job that was to be removed. */
export type RemoveOutcome = 'removed' | 'is active' | 'not found';
/** What became of a job that was to be retried. */
export type RetryOutcome = 'waiting' | 'has not ended' | 'unique key taken' | 'not found';
/** What became of a job that was to be promoted. */
export type PromoteOutcome = 'waiting' | 'was not delayed' | 'not found';

const CANCEL: Readonly<Record<string, CancelOutcome>> = {
  C: 'cancelled',
  A: 'cancelled while active',
  F: 'had ended',
  N: 'not found',
};
const EXPIRE: Readonly<Record<string, ExpireOutcome>> = { E: 'waiting', L: 'was not active', N: 'not found' };
const REMOVE: Readonly<Record<string, RemoveOutcome>> = { R: 'removed', A: 'is active', N: 'not found' };
const RETRY: Readonly<Record<string, RetryOutcome>> = {
  R: 'waiting',
  L: 'has not ended',
  D: 'unique key taken',
  N: 'not found',
};
const PROMOTE: Readonly<Record<string, PromoteOutcome>> = { P: 'waiting', S: 'was not delayed', N: 'not found' };

/** Workers hear of the end of a run at once, and confirm it with their next call. */
const LOOK_AGAIN_MS = 20;
const ASKED = 1_000;
const CANCEL_OPTIONS = fieldTable<{ waitMs: number }>({ waitMs: duration() });

/** Jobs changed in one call: finding one costs a look into every worker. */
const PAGE = 20;

type IdsCommand = (typeof scripts)['cancel' | 'remove' | 'retry' | 'promote' | 'expire'];

/** Changes to single jobs, in a lane of their own: a call sent again changes nothing twice and tells the same. */
export class QueueAdmin {
  readonly #queue: QueueContext;
  readonly #lane: LaneQueue;

  constructor(queue: QueueContext) {
    this.#queue = queue;
    this.#lane = new LaneQueue(queue);
  }

  /** @throws InvalidOptionError, UnknownOptionError */
  async cancel(ids: readonly string[], options: CancelOptions = {}): Promise<CancelOutcome[]> {
    const { waitMs = 0 } = readFields(options, CANCEL_OPTIONS, () => `cancel('${this.#queue.name}')`);
    const outcomes = await this.#each(scripts.cancel, ids, CANCEL);
    const active = ids.filter((_, i) => outcomes[i] === 'cancelled while active');
    if (waitMs === 0 || active.length === 0) return outcomes;
    const unheard = await this.#heard(active, waitMs);
    return outcomes.map((outcome, i) =>
      unheard.has(ids[i] ?? '') ? 'cancelled while active, not confirmed' : outcome,
    );
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

  /** Waits for the workers of jobs whose runs were ended; those that have not confirmed it in time. */
  async #heard(ids: readonly string[], waitMs: number): Promise<ReadonlySet<string>> {
    const { clock } = this.#queue;
    const until = clock.monotonic() + waitMs;
    for (let left = ids; ;) {
      const unheard: string[] = [];
      for (let from = 0; from < left.length; from += ASKED) {
        unheard.push(...(await this.#queue.ask(scripts.unheard, { ids: left.slice(from, from + ASKED) })).ids);
      }
      const rest = until - clock.monotonic();
      if (unheard.length === 0 || rest <= 0) return new Set(unheard);
      left = unheard;
      await sleep(clock, Math.min(rest, LOOK_AGAIN_MS));
    }
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
