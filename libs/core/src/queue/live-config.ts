import { FINAL_STATES } from '../job/job-state.js';
import {
  QUEUE_CONFIG_DEFAULTS,
  resolveQueueConfigPatch,
  type QueueConfig,
  type QueueConfigPatch,
  type Retention,
} from '../options/index.js';
import { scripts } from '../redis/index.js';
import type { QueueContext } from './queue-context.js';

/** The configuration of a queue that lives in Redis: the same for every worker, obeyed within a renewal. */
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
   * Changes what is named and leaves the rest.
   *
   * @throws InvalidOptionError, UnknownOptionError
   */
  async set(patch: QueueConfigPatch): Promise<QueueConfig> {
    const said = resolveQueueConfigPatch(patch, () => `config.set('${this.#queue.name}')`);
    const current = await this.get();
    const fields: string[] = [];
    if (said.leaseMs !== undefined) fields.push('lease', String(said.leaseMs));
    for (const state of FINAL_STATES) {
      const change = said.keep?.[state];
      if (change === undefined) continue;
      const { count, ageMs } = { ...current.keep[state], ...change };
      fields.push(`keep:${state}`, `${encodeBound(count)},${encodeBound(ageMs)}`);
    }
    const reply = await this.#queue.ask(scripts.configure, { now: this.#queue.now, fields });
    return decode(reply.fields);
  }
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
  return { ...(lease === undefined ? {} : { leaseMs: Number(lease) }), keep: keep as QueueConfig['keep'] };
}

/** An empty part is no bound. */
function encodeBound(bound: number): string {
  return bound === Infinity ? '' : String(bound);
}

function decodeBound(text = ''): number {
  return text === '' ? Infinity : Number(text);
}
