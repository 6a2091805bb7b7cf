import type { Redis } from 'ioredis';

import { Queue, connect, silentLogger, VirtualClock, type Connection } from '../../../libs/core/src/index.js';
import { redisUrl } from '../../support/redis.js';
import type { TestQueue } from './harness.js';

/** One thing taken away or spoilt by hand. */
export interface Damage {
  readonly key: string;
  /** The family of the key, and what of it. */
  readonly kind: string;
  readonly what: string;
  readonly apply: (redis: Redis) => Promise<unknown>;
}

type Add = (what: string, apply: Damage['apply']) => void;

/** Tests live by virtual time, which no other queue does. */
const SETTINGS = /^(virtual|format)$/;

/** Damages of all keys of a queue. */
async function damagesOf(
  redis: Redis,
  base: string,
  find: (name: string, type: string, add: Add) => Promise<void>,
): Promise<Damage[]> {
  const damages: Damage[] = [];
  for (const name of (await redis.keys(`${base}:*`)).sort()) {
    const key = name.slice(base.length + 1);
    const family = key.replace(/:.*/s, ':');
    await find(name, await redis.type(name), (what, apply) => {
      if (key === 'q' && (what === '' || SETTINGS.test(what))) return;
      const own = key === 'q' || (family === 'h:' && what.startsWith('\t')) ? what : what === '' ? '' : 'member';
      damages.push({ key, kind: `${family} ${own}`, what, apply });
    });
  }
  return damages;
}

/** Everything that can be taken away from these keys by one command: each key, and each of its members. */
export function deletions(redis: Redis, base: string): Promise<Damage[]> {
  return damagesOf(redis, base, async (name, type, add) => {
    add('', (r) => r.del(name));
    if (type === 'hash') for (const field of await redis.hkeys(name)) add(field, (r) => r.hdel(name, field));
    if (type === 'set') for (const member of await redis.smembers(name)) add(member, (r) => r.srem(name, member));
    if (type === 'zset')
      for (const member of await redis.zrange(name, 0, '-1')) add(member, (r) => r.zrem(name, member));
    if (type === 'list')
      for (const entry of await redis.lrange(name, 0, '-1')) add(entry, (r) => r.lrem(name, 1, entry));
  });
}

async function heldIn(redis: Redis, base: string): Promise<Set<string>> {
  const fields = await Promise.all((await redis.keys(`${base}:h:*`)).map((name) => redis.hkeys(name)));
  return new Set(fields.flat());
}

/** Keys of another type, values that nobody can read, members that nobody knows. */
export function corruptions(redis: Redis, base: string): Promise<Damage[]> {
  return damagesOf(redis, base, async (name, type, add) => {
    add(' another type', async (r) => {
      await r.del(name);
      await r.set(name, 'foreign');
    });
    if (type === 'hash') {
      // Bits that nobody knows are those of a later release, whose queue is left alone; and a worker has what it was given.
      const held = name.endsWith(':j') ? await heldIn(redis, base) : new Set<string>();
      for (const field of await redis.hkeys(name))
        if (field !== 'bits' && !held.has(field)) add(field, (r) => r.hset(name, field, 'garbage'));
      add(' a stray field', (r) => r.hset(name, 'nobody', '1'));
    }
    if (type === 'set') add(' a stray member', (r) => r.sadd(name, 'nobody'));
    if (type === 'zset') add(' a stray member', (r) => r.zadd(name, 5, 'nobody'));
    if (type === 'list') {
      add(' a stray entry', (r) => r.rpush(name, 'nobody'));
      add(' an entry twice', async (r) => r.rpush(name, (await r.lindex(name, 0)) ?? ''));
    }
  });
}

/** The queue of a Lua test as an application has it, with the time that the test has. */
export async function asQueue(queue: TestQueue): Promise<{ queue: Queue; connection: Connection }> {
  const clock = new VirtualClock({ now: queue.now });
  const prefix = queue.base.slice(0, queue.base.indexOf(':{'));
  const connection = await connect(redisUrl(), { prefix, clock, logger: silentLogger });
  return { queue: new Queue('q', { connection }), connection };
}
