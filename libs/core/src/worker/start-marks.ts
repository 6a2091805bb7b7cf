import type { QueueContext } from '../queue/queue-context.js';
import { scripts } from '../redis/index.js';
import type { Epoch } from './epoch.js';
import type { Hold } from './hold.js';

/** What one call marks. */
const MAX_ROWS = 500;

/**
 * Marks suspects as started, in Redis, before their handlers run: a job that was reclaimed once may be the one that
 * killed its process, and only a mark proves it next time. Those of one tick go in one call.
 */
export class StartMarks {
  readonly #queue: QueueContext;
  readonly #onMarked: (hold: Hold, isHeld: boolean) => void;
  #waiting: Hold[] = [];

  /** @param onMarked told of each: marked and still held, or not */
  constructor(queue: QueueContext, onMarked: (hold: Hold, isHeld: boolean) => void) {
    this.#queue = queue;
    this.#onMarked = onMarked;
  }

  request(hold: Hold): void {
    this.#waiting.push(hold);
    if (this.#waiting.length === 1) this.#queue.clock.tick(() => this.#send());
  }

  #send(): void {
    const holds = this.#waiting;
    this.#waiting = [];
    for (const epoch of new Set(holds.map((hold) => hold.epoch))) {
      const own = holds.filter((hold) => hold.epoch === epoch);
      for (let from = 0; from < own.length; from += MAX_ROWS) void this.#mark(epoch, own.slice(from, from + MAX_ROWS));
    }
  }

  async #mark(epoch: Epoch, holds: readonly Hold[]): Promise<void> {
    const args = { now: this.#queue.now, epoch: epoch.id, rows: holds.flatMap(({ id, token }) => [id, token]) };
    // Without an answer that can be read, nothing starts: reconciling gives such jobs back.
    const reply = await this.#queue
      .run(scripts.start, args, { repeatUntilAnswered: epoch.gone })
      .catch(() => undefined);
    const refused = reply?.code === 'OK' && reply.refused !== '' ? reply.refused.split(',').map(Number) : [];
    holds.forEach((hold, i) => this.#onMarked(hold, reply?.code === 'OK' && !refused.includes(i + 1)));
  }
}
