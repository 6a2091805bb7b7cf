import { FINAL_STATES } from '../job/job-state.js';
import {
  QUEUE_CONFIG_DEFAULTS,
  resolveQueueConfigPatch,
  resolveSettings,
  type QueueConfig,
  type QueueConfigPatch,
  type QueueSetting,
  type ResolvedQueueConfigPatch,
  type Retention,
} from '../options/index.js';
import { scripts } from '../redis/index.js';
import { decodeLimits, encodeLimits } from './groups.js';
import type { QueueContext } from './queue-context.js';

/** The configuration of a queue that lives in Redis: the same for every worker. They are told of a change at once. */
export class LiveConfig {
  readonly #queue: QueueContext;

  constructor(queue: QueueContext) {
    this.#queue = queue;
  }

  async get(): Promise<QueueConfig> {
    const { fields } = await this.#queue.ask(scripts.configure, { now: this.#queue.now, fields: [] });
    return decode(fields);
  }

  /**
   * Changes what is named and leaves the rest; `null` takes a setting away.
   *
   * @throws InvalidOptionError, UnknownOptionError
   */
  async set(patch: QueueConfigPatch): Promise<QueueConfig> {
    const said = resolveQueueConfigPatch(patch, () => `config.set('${this.#queue.name}')`);
    return this.#change(encode(said, await this.get()));
  }

  /**
   * Takes settings away, as if they had never been set.
   *
   * @throws UnknownOptionError
   */
  async unset(...names: readonly QueueSetting[]): Promise<QueueConfig> {
    const where = (): string => `config.unset('${this.#queue.name}')`;
    const patch = Object.fromEntries(resolveSettings(names, where).map((name) => [name, null]));
    return this.#change(encode(patch, QUEUE_CONFIG_DEFAULTS));
  }

  async #change(fields: readonly string[]): Promise<QueueConfig> {
    const reply = await this.#queue.ask(scripts.configure, { now: this.#queue.now, fields });
    return decode(reply.fields);
  }
}

/** A change as the core takes it: name, value, …; an empty value takes the setting away. */
function encode(
  { leaseMs, graceMs, statsDays, keep, groups, ...limits }: ResolvedQueueConfigPatch,
  current: QueueConfig,
): string[] {
  const fields: string[] = [];
  const say = (name: string, value: string | number | null | undefined): void => {
    if (value !== undefined) fields.push(name, String(value ?? ''));
  };
  say('lease', leaseMs);
  say('grace', graceMs);
  fields.push(...encodeLimits(limits));
  const ofGroups = groups === null ? { concurrency: null, rateLimit: null } : (groups ?? {});
  fields.push(...encodeLimits(ofGroups).map((text, i) => (i % 2 === 0 ? `group:${text}` : text)));
  say('stats', statsDays);
  for (const state of FINAL_STATES) {
    const change = keep === null ? null : keep?.[state];
    if (change === null) say(`keep:${state}`, null);
    if (!change) continue;
    const { count, ageMs } = { ...current.keep[state], ...change };
    say(`keep:${state}`, `${encodeBound(count)},${encodeBound(ageMs)}`);
  }
  return fields;
}

function decode(fields: readonly string[]): QueueConfig {
  const stored = new Map<string, string>();
  for (let i = 0; i < fields.length; i += 2) stored.set(fields[i] ?? '', fields[i + 1] ?? '');
  const keep: Record<string, Retention> = { ...QUEUE_CONFIG_DEFAULTS.keep };
  for (const state of FINAL_STATES) {
    const text = stored.get(`keep:${state}`);
    if (text === undefined) continue;
    const [count, ageMs] = text.split(',');
    keep[state] = { count: decodeBound(count), ageMs: decodeBound(ageMs) };
  }
  const lease = stored.get('lease');
  const grace = stored.get('grace');
  const groups = decodeLimits(stored.get('group:concurrency'), stored.get('group:rate'));
  const stats = stored.get('stats');
  return {
    ...(lease === undefined ? {} : { leaseMs: Number(lease) }),
    ...(grace === undefined ? {} : { graceMs: Number(grace) }),
    ...decodeLimits(stored.get('concurrency'), stored.get('rate')),
    ...(Object.keys(groups).length === 0 ? {} : { groups }),
    ...(stats === undefined ? {} : { statsDays: Number(stats) }),
    keep: keep as QueueConfig['keep'],
  };
}

/** An empty part is no bound. */
function encodeBound(bound: number): string {
  return bound === Infinity ? '' : String(bound);
}

function decodeBound(text = ''): number {
  return text === '' ? Infinity : Number(text);
}
