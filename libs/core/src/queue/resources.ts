import { validateName } from '../job/names.js';
import { wholeNumber } from '../options/check/checks.js';
import { MAX_AMOUNT } from '../options/job/uses-option.js';
import { scripts } from '../redis/index.js';
import type { QueueContext } from './queue-context.js';

/** A resource that jobs use. */
export interface ResourceInfo {
  readonly name: string;
  /** Its own limit; without one that of {@link ResourcesInfo.default} holds. */
  readonly limit?: number;
  /** How much of it running jobs use, in all queues of the slot. */
  readonly used: number;
  /** How many jobs wait for it. */
  readonly waiting: number;
}

/** All resources that have a limit, are used, or are waited for. */
export interface ResourcesInfo {
  /** The limit of each resource that has none of its own; absent = as much as one wants. */
  readonly default?: number;
  readonly resources: readonly ResourceInfo[];
}

const PAGE = 1_000;
/** Values of a resource in a reply. */
const WIDTH = 4;
/** The name under which the core takes the default. */
const DEFAULT = '';

const checkLimit = wholeNumber(0, MAX_AMOUNT);

/**
 * The resources that jobs use (`uses: { gpu: 1 }`): how much there is of each, over all workers of all queues of the slot. A
 * queue without a slot has its own.
 */
export class Resources {
  readonly #queue: QueueContext;

  constructor(queue: QueueContext) {
    this.#queue = queue;
  }

  /**
   * Says how much there is of a resource; 0 lets no job run that uses it. Jobs that run go on when it is lowered.
   *
   * @throws InvalidNameError, InvalidOptionError
   */
  async set(name: string, limit: number): Promise<void> {
    await this.#limit(validateName('resource', name), this.#checked(name, limit));
  }

  /** Says how much there is of each resource that has no limit of its own. `null`: as much as one wants. */
  async setDefault(limit: number | null): Promise<void> {
    await this.#limit(DEFAULT, limit === null ? '' : this.#checked('default', limit));
  }

  /** Takes the limit of a resource away: the default holds, or none. @throws InvalidNameError */
  async unset(name: string): Promise<void> {
    await this.#limit(validateName('resource', name), '');
  }

  /** What is known of all resources, by name. */
  async get(): Promise<ResourcesInfo> {
    const resources: ResourceInfo[] = [];
    for (;;) {
      const after = resources.at(-1)?.name ?? '';
      const reply = await this.#queue.ask(scripts.resources, { after, limit: PAGE });
      for (let at = 0; at < reply.rows.length; at += WIDTH) resources.push(decode(reply.rows.slice(at, at + WIDTH)));
      if (reply.more === 1) continue;
      return reply.default === '' ? { resources } : { default: Number(reply.default), resources };
    }
  }

  #checked(name: string, limit: number): string {
    return String(checkLimit(limit, name, () => `resources.set('${this.#queue.name}')`));
  }

  async #limit(name: string, limit: string): Promise<void> {
    await this.#queue.ask(scripts.limitResources, { now: this.#queue.now, rows: [name, limit] });
  }
}

function decode([name = '', limit, used, waiting]: readonly (string | null)[]): ResourceInfo {
  const counts = { name: name ?? '', used: Number(used), waiting: Number(waiting) };
  return limit ? { ...counts, limit: Number(limit) } : counts;
}
