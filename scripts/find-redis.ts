import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

const NAMES = ['redis-server', 'valkey-server'];

/** Path of the first redis-server, else valkey-server, on the PATH. */
export async function redisServerOnPath(): Promise<string | undefined> {
  for (const name of NAMES) {
    for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
      const file = join(folder, name);
      if (await isExecutable(file)) return file;
    }
  }
  return undefined;
}

/**
 * Path of the Redis server that tests and the demo start: one on the PATH, else the one that redis-memory-server
 * built. Throws when there is neither.
 */
export async function findRedisServer(): Promise<string> {
  return (await redisServerOnPath()) ?? (await builtRedisServer());
}

/** Path of redis-memory-server's own build, which it makes on the first call. Throws when it cannot be built. */
export async function builtRedisServer(): Promise<string> {
  const { RedisBinary } = await import('redis-memory-server');
  return RedisBinary.getPath();
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
