import { validateName } from '../job/names.js';
import { wholeNumber } from '../options/check/checks.js';
import {
  fieldTable,
  readFields,
  resolveGroupLimits,
  type GroupLimits,
  type GroupLimitsPatch,
  type ResolvedGroupLimits,
} from '../options/index.js';
import { scripts } from '../redis/index.js';
import { checkCursor } from './listing.js';
import type { QueueContext } from './queue-context.js';
import { decodeRate, encodeRate } from './rate-text.js';

/** A group that has jobs waiting or running, or settings of its own. Limits are its own; else those of all groups hold. */
export interface GroupInfo extends GroupLimits {
  readonly name: string;
  /** Jobs that are ready; those that wait for their time, or for a resource, are not counted. */
  readonly waiting: number;
  readonly active: number;
  readonly isPaused: boolean;
}

/** One page of groups, by name. */
export interface GroupPage {
  readonly groups: GroupInfo[];
  /** Where the next page begins; absent on the last one. */
  readonly cursor?: string;
}

/** Which part of the list to read. */
export interface GroupListOptions {
  readonly cursor?: string | undefined;
  /** 1 to 1,000. @default 100 */
  readonly limit?: number | undefined;
}

const TABLE = fieldTable<{ cursor: string; limit: number }>({ cursor: checkCursor, limit: wholeNumber(1, 1_000) });
/** Values of a group in a reply. */
const WIDTH = 4;

/** The groups of a queue (`group: 'tenant-7'`): looked at, and set one by one. What holds for all is in `config.groups`. */
export class Groups {
  readonly #queue: QueueContext;

  constructor(queue: QueueContext) {
    this.#queue = queue;
  }

  /** @throws InvalidOptionError, UnknownOptionError */
  async list(options: GroupListOptions = {}): Promise<GroupPage> {
    const { cursor = '', limit = 100 } = readFields(options, TABLE, () => `groups.list('${this.#queue.name}')`);
    const { rows, more } = await this.#queue.ask(scripts.groups, { after: cursor, limit });
    const groups: GroupInfo[] = [];
    for (let at = 0; at < rows.length; at += WIDTH) groups.push(decode(rows.slice(at, at + WIDTH)));
    const last = groups.at(-1);
    return more === 1 && last !== undefined ? { groups, cursor: last.name } : { groups };
  }

  /**
   * Sets limits of one group, in place of those of all groups; `null` takes one away.
   *
   * @throws InvalidNameError, InvalidOptionError, UnknownOptionError
   */
  async set(name: string, limits: GroupLimitsPatch): Promise<void> {
    await this.#change(name, encodeLimits(resolveGroupLimits(limits, () => `groups.set('${name}')`)));
  }

  /** Takes all settings of one group away: what holds for all groups holds for it. @throws InvalidNameError */
  async unset(name: string): Promise<void> {
    await this.#change(name, ['concurrency', '', 'rate', '', 'paused', '']);
  }

  /** Lets no job of one group start; those that run go on. @throws InvalidNameError */
  async pause(name: string): Promise<void> {
    await this.#change(name, ['paused', 'p']);
  }

  /** @throws InvalidNameError */
  async resume(name: string): Promise<void> {
    await this.#change(name, ['paused', '']);
  }

  async #change(name: string, rows: readonly string[]): Promise<void> {
    await this.#queue.ask(scripts.limitGroup, { now: this.#queue.now, name: validateName('group', name), rows });
  }
}

/** Limits as the core takes them: name, value, …; an empty value takes one away. */
export function encodeLimits({ concurrency, rateLimit }: ResolvedGroupLimits): string[] {
  const rows: string[] = [];
  if (concurrency !== undefined) rows.push('concurrency', String(concurrency ?? ''));
  if (rateLimit !== undefined) rows.push('rate', encodeRate(rateLimit) ?? '');
  return rows;
}

/** Limits as the core says them; what is empty is not said. */
export function decodeLimits(concurrency: string | undefined, rate: string | undefined): GroupLimits {
  const rateLimit = decodeRate(rate);
  return { ...(concurrency ? { concurrency: Number(concurrency) } : {}), ...(rateLimit ? { rateLimit } : {}) };
}

function decode([name, waiting, active, settings]: readonly (string | null)[]): GroupInfo {
  const [concurrency, rate, paused] = (settings ?? '').split(';');
  const counts = { name: name ?? '', waiting: Number(waiting), active: Number(active), isPaused: paused === 'p' };
  return { ...counts, ...decodeLimits(concurrency, rate) };
}
