import type { QueueContext } from '../queue/queue-context.js';
import { scripts } from '../redis/index.js';
import type { Epoch } from './epoch.js';
import type { Hold } from './hold.js';

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
    if (this.#waiting.length === 1) this.#queue.clock.tick(() => void this.#send());
  }

  async #send(): Promise<void> {
    const holds = this.#waiting;
    this.#waiting = [];
    for (const epoch of new Set(holds.map((hold) => hold.epoch))) {
      await this.#mark(epoch, holds.filter((hold) => hold.epoch === epoch));
    }
  }

  async #mark(epoch: Epoch, holds: readonly Hold[]): Promise<void> {
    const rows = holds.flatMap(({ id, token }) => [id, token]);
    try {
      const reply = await this.#queue.run(scripts.start, { now: this.#queue.now, epoch: epoch.id, rows }, { repeatUntilAnswered: epoch.gone });
      const refused = new Set(reply.code === 'OK' && reply.refused !== '' ? reply.refused.split(',').map(Number) : []);
      holds.forEach((hold, i) => this.#onMarked(hold, reply.code === 'OK' && !refused.has(i + 1)));
    } catch {
      for (const hold of holds) this.#onMarked(hold, false);
    }
  }
}
