import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisServer } from '../../support/redis.ts';
import type { Scene } from './scene.ts';

/** What can happen to the server, for a time. */
export const REDIS_FAULTS = {
  restart: async (redis, ms) => {
    await redis.kill();
    await sleep(ms);
    await redis.restart();
  },
  freeze: async (redis, ms) => {
    redis.freeze();
    await sleep(ms);
    redis.thaw();
  },
  pauseAll: (redis, ms) => pauseClients(redis, ms, 'ALL'),
  pauseWrites: (redis, ms) => pauseClients(redis, ms, 'WRITE'),
  debugSleep: async (redis, ms) => {
    const asleep = redis.command('DEBUG', 'SLEEP', String(ms / 1_000)).catch(() => undefined);
    await Promise.all([asleep, sleep(ms)]);
  },
  busy: async (redis, ms) => {
    // Others are answered BUSY once a script has run for longer than this.
    await redis.command('CONFIG', 'SET', 'busy-reply-threshold', '100');
    const script = `local function now() local t = redis.call('TIME') return t[1] * 1000 + t[2] / 1000 end
      local to = now() + ${ms} while now() < to do end`;
    const running = redis.command('EVAL', script, '0').catch(() => undefined);
    await Promise.all([running, sleep(ms)]);
  },
  readOnly: async (redis, ms) => {
    // Of a primary that nobody is: it keeps its data, and takes no writes.
    await redis.command('REPLICAOF', '127.0.0.1', '1');
    await sleep(ms);
    await redis.command('REPLICAOF', 'NO', 'ONE');
  },
  full: async (redis, ms) => {
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    await sleep(ms);
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
  },
  scriptFlush: async (redis) => {
    await redis.command('SCRIPT', 'FLUSH');
  },
  killClients: async (redis) => {
    await redis.command('CLIENT', 'KILL', 'TYPE', 'normal');
  },
  killSubscribers: async (redis) => {
    await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
  },
} satisfies Readonly<Record<string, (redis: RedisServer, ms: number) => Promise<void>>>;

/** The name of a fault of the server. */
export type RedisFault = keyof typeof REDIS_FAULTS;

/** Those that end with the command that makes them, and cost no worker its lease. */
export const MOMENTARY: ReadonlySet<RedisFault> = new Set(['scriptFlush', 'killClients', 'killSubscribers']);

/** Makes a fault of the server, and ends it. */
export function afflict(scene: Scene, kind: RedisFault, ms: number): Promise<void> {
  return scene.exclusively('redis', () =>
    scene.make({ kind, victims: 'all', canTakeLease: !MOMENTARY.has(kind) && scene.canTakeLease(ms) }, () =>
      REDIS_FAULTS[kind](scene.redis, ms),
    ),
  );
}

async function pauseClients(redis: RedisServer, ms: number, what: 'ALL' | 'WRITE'): Promise<void> {
  await redis.command('CLIENT', 'PAUSE', String(ms), what);
  await sleep(ms);
}
