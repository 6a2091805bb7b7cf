import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The longest path that a Unix socket may have: 104 bytes on macOS, 108 on Linux. */
const MAX_SOCKET_PATH = 100;

const LOCK_FILES = ['package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'npm-shrinkwrap.json'];

/**
 * Where the embedded server keeps its data when nobody says: in the workspace, because the API and the worker of one
 * repository must find the same queues and those of two repositories must not; and in `node_modules/.cache`, which no
 * tool takes for source and which goes when the project goes. Tests get one of their own: a worker that runs for
 * development must not take their jobs.
 */
export function defaultDirectory(env: NodeJS.ProcessEnv, cwd: string): string {
  if (env['MILLRACE_EMBEDDED_DIR']) return resolve(cwd, env['MILLRACE_EMBEDDED_DIR']);
  const root = nearest(cwd, LOCK_FILES) ?? nearest(cwd, ['package.json']) ?? cwd;
  return join(root, 'node_modules', '.cache', env['NODE_ENV'] === 'test' ? 'millrace-test' : 'millrace');
}

/** Makes the directory. Returns its one true path, by which processes recognise that they mean the same one. */
export async function openDirectory(dir: string): Promise<string> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  return realpath(dir);
}

/** Where the server of a directory listens: a socket has no port to collide with, and other users cannot reach it. */
export async function socketPath(dir: string): Promise<string> {
  const inside = join(dir, 'redis.sock');
  if (Buffer.byteLength(inside) <= MAX_SOCKET_PATH) return inside;
  const name = `millrace-${createHash('sha256').update(dir).digest('hex').slice(0, 16)}`;
  return join(await openDirectory(join(tmpdir(), name)), 'redis.sock');
}

function nearest(start: string, names: readonly string[]): string | undefined {
  for (let dir = start; ; dir = dirname(dir)) {
    if (names.some((name) => existsSync(join(dir, name)))) return dir;
    if (dirname(dir) === dir) return undefined;
  }
}
