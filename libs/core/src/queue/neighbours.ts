import { CrossSlotError, QueueMismatchError } from '../errors/index.js';
import { validateName } from '../job/names.js';
import { QueueContext } from './queue-context.js';

/** The other queues that one command can reach from this one: those of the same slot. */
export class Neighbours {
  readonly #queue: QueueContext;
  readonly #known = new Map<string, Promise<void>>();

  constructor(queue: QueueContext) {
    this.#queue = queue;
  }

  /**
   * Makes sure that a queue is declared, in the slot of this one. Returns its name as the core takes it: empty for this queue.
   *
   * @throws CrossSlotError, InvalidNameError, NoRedisError
   */
  async reach(name: string): Promise<string> {
    validateName('queue', name);
    if (name === this.#queue.name) return '';
    const known = this.#known.get(name) ?? this.#declare(name);
    this.#known.set(name, known);
    try {
      await known;
      return name;
    } catch (error) {
      this.#known.delete(name);
      throw error;
    }
  }

  async #declare(name: string): Promise<void> {
    const { connection, slot, logger, name: own } = this.#queue;
    if (slot === undefined) throw new CrossSlotError(own, name);
    try {
      await new QueueContext(name, connection, slot, logger).declare();
    } catch (error) {
      if (QueueMismatchError.is(error) && error.property === 'slot')
        throw new CrossSlotError(own, name, { cause: error });
      throw error;
    }
  }
}
