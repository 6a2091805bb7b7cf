import type { Redis } from 'ioredis';

import type { Costs } from '../result.js';

/** What Redis and this process have used so far. */
interface Usage {
  readonly redisCpuMs: number;
  readonly nodeCpuMs: number;
  /** Commands, those inside scripts included. */
  readonly commands: number;
  readonly scriptMs: number;
  readonly bytes: number;
}

/** What is used between two moments. */
export class Meter {
  /** CPU of other processes that did the work, in ms: counted from outside. */
  otherCpuMs = 0;
  readonly #redis: Redis;
  #startedAt = 0;
  #stoppedAt = 0;
  #before: Promise<Usage> | undefined;
  #after: Promise<Usage> | undefined;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  get seconds(): number {
    return (this.#stoppedAt - this.#startedAt) / 1_000;
  }

  start(): void {
    this.otherCpuMs = 0;
    this.#startedAt = performance.now();
    this.#before = readUsage(this.#redis);
  }

  stop(): void {
    this.#stoppedAt = performance.now();
    this.#after = readUsage(this.#redis);
  }

  /** What each of so many jobs cost between start and stop. */
  async costs(jobs: number): Promise<Costs> {
    const [before, after] = await Promise.all([this.#before, this.#after]);
    if (before === undefined || after === undefined) throw new Error('What was never started was to be measured.');
    return {
      redisMicros: (1_000 * (after.redisCpuMs - before.redisCpuMs)) / jobs,
      scriptMicros: (1_000 * (after.scriptMs - before.scriptMs)) / jobs,
      nodeMicros: (1_000 * (after.nodeCpuMs - before.nodeCpuMs + this.otherCpuMs)) / jobs,
      commandsPerJob: (after.commands - before.commands) / jobs,
      bytesPerJob: (after.bytes - before.bytes) / jobs,
    };
  }
}

/** Reads the counters of this process, and of Redis as soon as it answers. */
async function readUsage(redis: Redis): Promise<Usage> {
  const { user, system } = process.cpuUsage();
  const info = await redis.info('cpu', 'commandstats', 'stats');
  const field = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? 0);
  const sum = (pattern: RegExp): number => [...info.matchAll(pattern)].reduce((total, [, n]) => total + Number(n), 0);
  return {
    redisCpuMs: 1_000 * (field('used_cpu_user') + field('used_cpu_sys')),
    nodeCpuMs: (user + system) / 1_000,
    commands: sum(/^cmdstat_[^:]+:calls=(\d+)/gm),
    scriptMs: sum(/^cmdstat_(?:evalsha|eval):calls=\d+,usec=(\d+)/gm) / 1_000,
    bytes: field('total_net_input_bytes') + field('total_net_output_bytes'),
  };
}
