import { JobsError, OutcomeUnknownError, ProtocolError } from '../errors/index.js';
import { mintNonce } from '../job/nonce.js';
import type { Script } from '../redis/index.js';
import { CallUnknownError } from '../redis/index.js';
import type { QueueContext } from './queue-context.js';

/** Redis forgets a lane that was idle for a day; one this old is given up long before. */
const MAX_IDLE_MS = 60 * 60 * 1_000;

/** What every command of a lane takes. */
export interface LaneArgs {
  readonly laneId: string;
  readonly seq: number;
}

interface Old {
  readonly code: 'OLD';
}

/**
 * A sequence of calls of which one is outstanding at a time. Redis keeps the answer of the last one, so a call that is
 * sent again (by ioredis, when its reply was lost) has one effect and the same answer. Two calls in one lane at once
 * could change places and the first would then count as done: two in flight are two lanes.
 */
export class Lane {
  readonly #queue: QueueContext;
  #id = '';
  #seq = 0;
  #usedAt = -Infinity;
  #isBusy = false;

  constructor(queue: QueueContext) {
    this.#queue = queue;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  /**
   * Makes one call. No async function: each job that is added alone comes this way, and each promise more shows there.
   *
   * @param argsOf the call's arguments with the lane's part of them
   * @param idsOf the jobs concerned, for the error of an unknown outcome
   * @throws OutcomeUnknownError when no answer came; the lane's name is never used again
   * @throws StorageRefusedError, NoRedisError: nothing was written
   */
  call<A extends LaneArgs, R extends { readonly code: string }>(
    script: Script<A, R | Old>,
    argsOf: (lane: LaneArgs) => A,
    idsOf: () => readonly string[],
  ): Promise<Exclude<R, Old>> {
    this.#isBusy = true;
    this.#renew();
    return this.#queue.run(script, argsOf({ laneId: this.#id, seq: ++this.#seq })).then(
      (reply) => {
        this.#free();
        if (reply.code === 'OLD')
          throw new ProtocolError(`Command ${script.name} on queue "${this.#queue.name}" came late.`);
        return reply as Exclude<R, Old>;
      },
      (error: unknown) => {
        this.#free();
        if (!JobsError.is(error)) this.#id = '';
        if (error instanceof CallUnknownError)
          throw new OutcomeUnknownError(this.#queue.name, script.name, idsOf(), { cause: error });
        throw error;
      },
    );
  }

  #free(): void {
    this.#usedAt = this.#queue.clock.monotonic();
    this.#isBusy = false;
  }

  #renew(): void {
    if (this.#id !== '' && this.#queue.clock.monotonic() - this.#usedAt < MAX_IDLE_MS) return;
    this.#id = mintNonce();
    this.#seq = 0;
  }
}

/** Calls of one kind, one after the other, in a lane of their own. */
export class LaneQueue {
  readonly #lane: Lane;
  #last: Promise<unknown> = Promise.resolve();

  constructor(queue: QueueContext) {
    this.#lane = new Lane(queue);
  }

  call: Lane['call'] = (script, argsOf, idsOf) => {
    const next = this.#last.then(() => this.#lane.call(script, argsOf, idsOf));
    this.#last = next.catch(() => {});
    return next;
  };
}
