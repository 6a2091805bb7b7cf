import type { Redis } from 'ioredis';

import * as scripts from '../../../../libs/core/src/redis/scripts.generated.js';
import type { Script } from '../../../../libs/core/src/redis/script.js';
import { TestQueue } from '../harness.js';
import type { Held, Leased, LuaWorker } from '../lua-worker.js';
import type { Random } from '../random.js';

type Timed = { readonly now?: number | undefined };

/** A queue of its own in which calls meet in an order of chance. One call in five is sent again, as after a lost reply. */
export class Cell extends TestQueue {
  /** What was done, in order: for the message of a failure. */
  readonly done: string[] = [];
  /** Ids in the order in which they were leased. */
  readonly leases: string[] = [];
  /** Ids of which an end as completed counted. */
  readonly completed: string[] = [];
  /** What is leased and not ended, as its workers know. */
  readonly held = new Set<string>();

  constructor(
    redis: Redis,
    base: string,
    readonly random: Random,
  ) {
    super(redis, base);
  }

  override async run<A extends Timed, R>(script: Script<A, R>, args: Omit<A, 'now'>): Promise<R> {
    const reply = await super.run(script, args);
    return this.random.chance(0.2) ? super.run(script, args) : reply;
  }

  /** Leases, and notes what was given. */
  async take(worker: LuaWorker, want = 1): Promise<Leased[]> {
    const reply = await worker.call({ want });
    if (reply.code !== 'OK') return [];
    const token = `0.${worker.lastSeq()}`;
    const taken: Leased[] = [];
    for (let i = 0; i < reply.jobs.length; i += 2) {
      const job = { id: reply.jobs[i] ?? '', envelope: reply.jobs[i + 1] ?? '', header: undefined, token };
      taken.push(job);
      this.leases.push(job.id);
      this.held.add(job.id);
    }
    this.done.push(`${worker.epoch} took ${taken.map(({ id }) => id).join() || 'nothing'}`);
    return taken;
  }

  /** Hands in an end; whether it counted. */
  async finish(worker: LuaWorker, job: Held, code = '5'): Promise<boolean> {
    if (job === undefined) return false;
    const reply = await worker.call({ ends: [[job, code]] });
    const counted = reply.code === 'OK' && reply.refused === '';
    this.done.push(`${worker.epoch} ended ${job.id} by ${JSON.stringify(code)}: ${counted ? 'counted' : 'refused'}`);
    if (counted) this.held.delete(job.id);
    if (counted && /^(\d|c)/.test(code)) this.completed.push(job.id);
    return counted;
  }

  /** All that can still run, runs and completes. */
  async drainAll(): Promise<void> {
    const worker = await this.worker('last', 1_000_000_000);
    for (let round = 0; round < 40; round++) {
      const jobs = await this.take(worker, 20);
      for (const job of jobs) await this.finish(worker, job);
      const { active, waiting, delayed, retrying } = await this.counts();
      if (active + waiting + delayed + retrying === 0) return;
      this.pass(5_000);
      await this.housekeep();
    }
  }

  async isGone(id: string): Promise<boolean> {
    return (await super.run(scripts.get, { ids: [id] })).rows[1] === '';
  }
}
