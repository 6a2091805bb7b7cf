import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { NoEmbeddedError } from '../../errors/index.js';
import type { Logger } from '../../options/index.js';

const NAMES = ['redis-server', 'valkey-server'];

/**
 * The program that serves: the first of `redis-server` and `valkey-server` on the PATH, else the one that the package
 * redis-memory-server has or builds, where that is installed.
 *
 * @throws NoEmbeddedError where there is neither
 */
export async function findServerBinary(env: NodeJS.ProcessEnv, logger: Logger): Promise<string> {
  for (const dir of (env['PATH'] ?? '').split(delimiter)) {
    for (const name of NAMES) {
      if (dir !== '' && (await isExecutable(join(dir, name)))) return join(dir, name);
    }
  }
  return buildServer(logger);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function buildServer(logger: Logger): Promise<string> {
  const library = await import('redis-memory-server').catch(() => undefined);
  if (library === undefined) throw new NoEmbeddedError('there is no redis-server and no valkey-server on the PATH');
  logger.warn(
    'There is no redis-server on the PATH: redis-memory-server provides one. Building it takes minutes, once.',
  );
  try {
    return await library.RedisBinary.getPath();
  } catch (error) {
    throw new NoEmbeddedError('redis-memory-server could not build a redis-server', { cause: error });
  }
}
