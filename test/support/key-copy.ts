import type { Redis } from 'ioredis';

/** All keys that begin with a prefix, as they were at one time: what a backup has of them. */
export class KeyCopy {
  private constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
    private readonly values: ReadonlyMap<string, Buffer>,
  ) {}

  /** @param prefix '' = all keys of the server */
  static async of(redis: Redis, prefix: string): Promise<KeyCopy> {
    const keys = (await redis.keys(`${prefix}*`)).sort();
    const values = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
    return new KeyCopy(redis, prefix, new Map(keys.map((key, n) => [key, values[n]!])));
  }

  /** What is in each key, in the form of Redis, for comparisons. */
  get texts(): readonly (readonly [key: string, value: string])[] {
    return [...this.values].map(([key, value]) => [key, value.toString('base64')]);
  }

  /** Makes the keys what they were, and removes what came since. */
  async restore(): Promise<void> {
    const calls = this.redis.pipeline();
    for (const key of await this.redis.keys(`${this.prefix}*`)) calls.del(key);
    for (const [key, value] of this.values) calls.restore(key, 0, value);
    const replies = (await calls.exec()) ?? [];
    for (const [error] of replies) if (error !== null) throw error;
  }
}
