import type { Redis } from 'ioredis';

/** The content of a key: a hash or sorted set as an object, a list or (sorted) set as a list, a stream as its entries. */
export type Content =
  Record<string, string> | Record<string, number> | readonly string[] | readonly (readonly string[])[];

/** Keys by what follows a prefix. */
export type Dump = Record<string, Content | undefined>;

/** Everything under a prefix, in an order of its own that does not depend on Redis. */
export async function dumpKeys(redis: Redis, prefix: string): Promise<Dump> {
  const keys = (await redis.keys(`${escapeGlob(prefix)}*`)).sort();
  const contents = await Promise.all(keys.map((key) => content(redis, key)));
  return Object.fromEntries(keys.map((key, index) => [key.slice(prefix.length), contents[index]]));
}

async function content(redis: Redis, key: string): Promise<Content> {
  const type = await redis.type(key);
  if (type === 'hash') return sortedByName(await redis.hgetall(key));
  if (type === 'list') return redis.lrange(key, 0, -1);
  if (type === 'set') return (await redis.smembers(key)).sort();
  if (type === 'zset') return scores(await redis.zrange(key, 0, '-1', 'WITHSCORES'));
  if (type === 'stream') return (await redis.xrange(key, '-', '+')).map(([, fields]) => fields);
  throw new Error(`${key} is a ${type}, which no key of a queue is`);
}

function sortedByName(fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Members in the order of the set. A number-like member would lose its place in an object, so no test uses one. */
function scores(flat: readonly string[]): Record<string, number> {
  const members: Record<string, number> = {};
  for (let i = 0; i < flat.length; i += 2) members[flat[i] ?? ''] = Number(flat[i + 1]);
  return members;
}

function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]^-]/g, '\\$&');
}
