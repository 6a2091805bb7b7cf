import type { Redis } from 'ioredis';

/** What Redis and this process have used so far. */
export interface Usage {
  readonly redisCpuMs: number;
  readonly nodeCpuMs: number;
  /** Commands, those inside scripts included. */
  readonly commands: number;
  /** Commands that scripts made. */
  readonly scripts: number;
  readonly scriptMs: number;
  readonly bytes: number;
}

/** Reads the counters of Redis (INFO) and of this process. */
async function readUsage(redis: Redis): Promise<Usage> {
  const info = `${await redis.info('cpu')}\n${await redis.info('commandstats')}\n${await redis.info('stats')}`;
  const field = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? 0);
  const evalsha = /^cmdstat_evalsha:calls=(\d+),usec=(\d+)/m.exec(info);
  const cpu = process.cpuUsage();
  return {
    redisCpuMs: 1_000 * (field('used_cpu_user') + field('used_cpu_sys')),
    nodeCpuMs: (cpu.user + cpu.system) / 1_000,
    commands: [...info.matchAll(/^cmdstat_[^:]+:calls=(\d+)/gm)].reduce((sum, [, calls]) => sum + Number(calls), 0),
    scripts: Number(evalsha?.[1] ?? 0),
    scriptMs: Number(evalsha?.[2] ?? 0) / 1_000,
    bytes: field('total_net_input_bytes') + field('total_net_output_bytes'),
  };
}

/** What is used between two moments. */
export class Meter {
  readonly #redis: Redis;
  #startedAt = 0;
  #stoppedAt = 0;
  #before: Usage | undefined;
  #after: Usage | undefined;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  get seconds(): number {
    return (this.#stoppedAt - this.#startedAt) / 1_000;
  }

  async start(): Promise<void> {
    this.#startedAt = performance.now();
    this.#before = await readUsage(this.#redis);
  }

  async stop(): Promise<void> {
    this.#stoppedAt = performance.now();
    this.#after = await readUsage(this.#redis);
  }

  used(field: keyof Usage): number {
    return (this.#after?.[field] ?? 0) - (this.#before?.[field] ?? 0);
  }
}
