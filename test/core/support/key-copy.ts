import type { Redis } from 'ioredis';
import type { Connection } from '@millrace/core';

/** All keys that begin with a prefix, as they were at one time: what a backup has of them. */
export class KeyCopy {
  private constructor(
    private readonly prefix: string,
    private readonly values: ReadonlyMap<string, Buffer>,
  ) {}

  static async of({ client }: Connection, prefix: string): Promise<KeyCopy> {
    const redis = client as Redis;
    const keys = (await redis.keys(`${prefix}*`)).sort();
    const values = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
    return new KeyCopy(prefix, new Map(keys.map((key, n) => [key, values[n]!])));
  }

  /** What is in each key, in the form of Redis, for comparisons. */
  get texts(): readonly (readonly [key: string, value: string])[] {
    return [...this.values].map(([key, value]) => [key, value.toString('base64')]);
  }

  /** Makes the keys what they were, and removes what came since. */
  async restore({ client }: Connection): Promise<void> {
    const redis = client as Redis;
    await redis.del(await redis.keys(`${this.prefix}*`));
    for (const [key, value] of this.values) await redis.restore(key, 0, value);
  }
}
