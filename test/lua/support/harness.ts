import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { Redis } from 'ioredis';

import * as scripts from '../../../libs/core/src/redis/scripts.generated.js';
import { redisUrl, uniquePrefix } from '../../support/redis.js';
import { assertInvariants } from './invariants.js';
import { body, type JobSketch } from './records.js';
import { LuaQueue } from './lua-queue.js';
import { LuaWorker } from './lua-worker.js';

/** What a row of `add` may say beside the body. */
export type Added = string | readonly [id: string, how: string, sketch?: JobSketch];

/** The queue of the running test: its own keys, virtual time, checked against the invariants at the end. */
export class TestQueue extends LuaQueue {
  /** Adds jobs, each under its id. */
  async add(...rows: readonly Added[]): Promise<scripts.AddReply> {
    const flat = rows.flatMap((row) => {
      const [id, how, sketch] = typeof row === 'string' ? [row, ''] : row;
      return [how === '' ? id : `${id}\t${how}`, body(sketch)];
    });
    return this.run(scripts.add, { ...this.lane(), own: 0, rows: flat });
  }

  /** Adds a job under a given id and returns the reply's `odd`, such as `1K`. */
  async addChecked(id: string, how: string, sketch?: JobSketch): Promise<string> {
    const reply = await this.run(scripts.addChecked, {
      ...this.lane(),
      atomic: 0,
      rows: [`${id}\t${how}`, body(sketch)],
    });
    if (reply.code !== 'OK') throw new Error(`add-checked answered ${reply.code}`);
    return reply.odd;
  }

  /** Stores rows of id with instructions and lines, and body; one refused row refuses all if `atomic`. */
  addRows(rows: readonly (readonly [head: string, body: string])[], atomic = 0): Promise<scripts.AddCheckedReply> {
    return this.run(scripts.addChecked, { ...this.lane(), atomic, rows: rows.flat() });
  }

  /** A worker with an open epoch. */
  async worker(epoch: string, lease = 30_000): Promise<LuaWorker> {
    const worker = new LuaWorker(this, epoch);
    await worker.open(lease);
    return worker;
  }

  async housekeep(budget = 1_000, within = 0): Promise<Extract<scripts.HousekeepReply, { code: 'OK' }>> {
    const reply = await this.run(scripts.housekeep, { budget, within });
    if (reply.code !== 'OK') throw new Error(`housekeep answered ${reply.code}`);
    return reply;
  }

  /** Jobs that depend on these do what they were told when they were added. */
  async cancel(...ids: readonly string[]): Promise<string> {
    const reply = await this.run(scripts.cancel, { ...this.lane(), dependents: 'p', others: [], ids });
    return reply.code === 'OK' ? reply.fates : reply.code;
  }

  remove(...ids: readonly string[]): Promise<string> {
    return this.fates(scripts.remove, ids);
  }

  retry(...ids: readonly string[]): Promise<string> {
    return this.fates(scripts.retry, ids);
  }

  promote(...ids: readonly string[]): Promise<string> {
    return this.fates(scripts.promote, ids);
  }

  async prioritize(id: string, priority: number): Promise<string> {
    const reply = await this.run(scripts.prioritize, { ...this.lane(), id, priority });
    return reply.code === 'OK' ? reply.fate : reply.code;
  }

  async update(id: string, how: string, data?: string): Promise<string> {
    const change = { id, how, hasData: data === undefined ? 0 : 1, data: data ?? '' };
    const reply = await this.run(scripts.update, { ...this.lane(), ...change });
    return reply.code === 'OK' ? reply.fate : reply.code;
  }

  /** Puts a job into another queue, '' = into this one again. */
  async move(
    id: string,
    queue = '',
    how = '',
    { name = '', data }: { name?: string; data?: string } = {},
  ): Promise<string> {
    const change = { id, queue, how, name, hasData: data === undefined ? 0 : 1, data: data ?? '' };
    const reply = await this.run(scripts.move, { ...this.lane(), ...change });
    return reply.code === 'OK' ? reply.fate : reply.code;
  }

  /** Another queue of the slot in which the test's own lies, declared. */
  async neighbour(name: string): Promise<TestQueue> {
    const other = new TestQueue(this.redis, this.base.replace(/}.*$/, `}${Buffer.byteLength(name)}:${name}`));
    await other.run(scripts.declare, { virtual: 1 });
    other.now = this.now;
    return other;
  }

  /** Sets the configuration: name, value, name, value … */
  configure(...fields: readonly string[]): Promise<scripts.ConfigureReply> {
    return this.run(scripts.configure, { fields });
  }

  /** The state of a job, '' if there is none. */
  async state(id: string): Promise<string> {
    return (await this.run(scripts.get, { ids: [id] })).rows[1] ?? '';
  }

  /** The ids of a state, in the order of `list`. */
  async ids(state: string): Promise<readonly string[]> {
    return (await this.run(scripts.list, { state, cursor: '', limit: 1_000, reverse: 0 })).ids;
  }

  counts(): Promise<scripts.CountsReply> {
    return this.run(scripts.counts, {});
  }

  /** How many commands Redis ran for `action`, by name. */
  async callsOf(action: () => Promise<unknown>): Promise<Record<string, number>> {
    await this.redis.config('RESETSTAT');
    await action();
    const stats = await this.redis.info('commandstats');
    const calls = [...stats.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)].map(
      ([, name = '', n]) => [name, Number(n)] as const,
    );
    const own = new Set(['evalsha', 'eval', 'config|resetstat', 'info']);
    return Object.fromEntries(calls.filter(([name]) => !own.has(name)));
  }

  /** Runs `action` while Redis refuses every command that needs memory. */
  async withFullMemory<T>(action: () => Promise<T>): Promise<T> {
    await this.redis.config('SET', 'maxmemory', '1');
    try {
      return await action();
    } finally {
      await this.redis.config('SET', 'maxmemory', '0');
    }
  }

  private async fates(
    script: typeof scripts.remove | typeof scripts.retry | typeof scripts.promote,
    ids: readonly string[],
  ): Promise<string> {
    const reply = await this.run(script, { ...this.lane(), ids });
    return reply.code === 'OK' ? reply.fates : reply.code;
  }
}

/**
 * Gives each test of the file a queue of its own. After each test its keys are held against the invariants and removed.
 * Call it once, at the top; the function that it returns is the queue of the running test, called `own` where it shares a slot.
 */
export function luaQueue({ slot }: { slot?: string } = {}): () => TestQueue {
  let redis: Redis;
  let queue: TestQueue;
  beforeAll(() => {
    redis = new Redis(redisUrl());
  });
  beforeEach(async () => {
    queue = new TestQueue(redis, `${uniquePrefix('lua')}:${slot === undefined ? '{q}' : `{${slot}}3:own`}`);
    await queue.run(scripts.declare, { virtual: 1 });
  });
  afterEach(async () => {
    if (!queue.isDamaged) await assertInvariants(queue);
    await redis.flushall();
  });
  afterAll(async () => {
    await redis.quit();
  });
  return () => queue;
}
