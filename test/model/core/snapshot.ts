import { createHash } from 'node:crypto';

import type { Redis } from 'ioredis';

import type { Content, Dump } from '../../lua/support/dump.js';
import { Keyspace } from '../../lua/support/keyspace.js';

/** All keys in one reply: what is looked at after every step must not take longer than the step. */
const READ_ALL = `
local all = {}
for _, key in ipairs(redis.call('KEYS', '*')) do
  local type = redis.call('TYPE', key).ok
  local content
  if type == 'hash' then content = redis.call('HGETALL', key)
  elseif type == 'list' then content = redis.call('LRANGE', key, 0, -1)
  elseif type == 'set' then content = redis.call('SMEMBERS', key)
  elseif type == 'zset' then content = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
  else content = redis.call('XRANGE', key, '-', '+') end
  all[#all + 1] = { key, type, content }
end
return all`;
const READ_ALL_SHA1 = createHash('sha1').update(READ_ALL).digest('hex');

type Row = readonly [key: string, type: string, content: readonly unknown[]];

/** The whole keyspace at one moment. */
export class Snapshot {
  private constructor(private readonly rows: readonly Row[]) {}

  static async take(redis: Redis): Promise<Snapshot> {
    const rows = (await redis.evalsha(READ_ALL_SHA1, 0).catch(() => redis.eval(READ_ALL, 0))) as Row[];
    return new Snapshot(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The keys `<base>:*`, by what follows. */
  keys(base: string): Keyspace {
    const own = this.rows.filter(([key]) => key.startsWith(`${base}:`));
    return new Keyspace(
      Object.fromEntries(
        own.map(([key, type, content]) => [key.slice(base.length + 1), contentOf(type, content)]),
      ) as Dump,
    );
  }

  /** Keys that belong to none of these bases. */
  strays(bases: readonly string[]): string[] {
    return this.rows.map(([key]) => key).filter((key) => !bases.some((base) => key.startsWith(`${base}:`)));
  }

  /** The keys that differ between two moments. */
  differs(other: Snapshot): string[] {
    const [mine, theirs] = [this.texts(), other.texts()];
    return [...new Set([...mine.keys(), ...theirs.keys()])].filter((key) => mine.get(key) !== theirs.get(key));
  }

  private texts(): Map<string, string> {
    return new Map(this.rows.map(([key, type, content]) => [key, JSON.stringify(contentOf(type, content))]));
  }
}

function contentOf(type: string, flat: readonly unknown[]): Content {
  if (type === 'hash') return Object.fromEntries(pairs(flat as string[]).sort(([a], [b]) => (a < b ? -1 : 1)));
  if (type === 'zset')
    return Object.fromEntries(pairs(flat as string[]).map(([member, score]) => [member, Number(score)]));
  if (type === 'set') return [...(flat as string[])].sort();
  return flat as string[];
}

function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i] ?? '', flat[2 * i + 1] ?? '']);
}
