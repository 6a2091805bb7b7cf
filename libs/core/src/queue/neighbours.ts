import { closestName, CrossSlotError, NoRedisError, QueueMismatchError, QueueNotFoundError } from '../errors/index.js';
import { validateName } from '../job/names.js';
import { baseKey, CallUnknownError, registryKey, scripts } from '../redis/index.js';
import { QueueContext } from './queue-context.js';
import { registeredQueues } from './survey.js';

/** The other queues that one command can reach from this one: those of the same slot. */
export class Neighbours {
  readonly #queue: QueueContext;
  readonly #known = new Map<string, Promise<void>>();

  constructor(queue: QueueContext) {
    this.#queue = queue;
  }

  /**
   * Makes sure that a queue is there, in the slot of this one. Returns its name as the core takes it: empty for this queue.
   *
   * @throws QueueNotFoundError, CrossSlotError, InvalidNameError, NoRedisError
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
    if (!(await this.#exists(name, slot))) throw new QueueNotFoundError(name, slot, await this.#meant(name, slot));
    try {
      await new QueueContext(name, connection, slot, logger).declare();
    } catch (error) {
      if (QueueMismatchError.is(error) && error.property === 'slot')
        throw new CrossSlotError(own, name, { cause: error });
      throw error;
    }
  }

  /** Whether anybody has declared it: going to a queue must not be what makes it, or a mistyped name is one that nobody works. */
  async #exists(name: string, slot: string): Promise<boolean> {
    const { connection, now } = this.#queue;
    const base = baseKey(connection.prefix, name, slot);
    if (connection.queues.has(base)) return true;
    const { scripts: runner } = connection;
    try {
      const { place } = await runner.run(scripts.register, registryKey(connection.prefix), { name, place: '' });
      // In another slot, too: declaring says so.
      if (place !== '') return true;
      // Off the list of queues, and still there.
      const { fields } = await runner.run(scripts.configure, base, { now, fields: [] });
      return fields.includes('format');
    } catch (error) {
      if (error instanceof CallUnknownError)
        throw new NoRedisError(connection.description, error.message, { cause: error });
      throw error;
    }
  }

  async #meant(name: string, slot: string): Promise<string | undefined> {
    const queues = [...(await registeredQueues(this.#queue.connection))];
    const candidates = queues.flatMap(([other, place]) => (place === slot ? [other] : []));
    return closestName(name, candidates);
  }
}
