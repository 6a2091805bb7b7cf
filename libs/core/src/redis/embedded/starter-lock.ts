import { open, readFile, stat, unlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const STALE_AFTER_MS = 30_000;
const POLL_MS = 20;

/**
 * Lets one process at a time look for a server and start one. A lock whose process is gone is taken over.
 * Returns the function that releases it, or `undefined` when it was not to be had in time.
 */
export async function lockStarting(path: string, timeoutMs: number): Promise<(() => Promise<void>) | undefined> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    if (await create(path)) return () => remove(path);
    if (await isStale(path)) await remove(path);
    else if (performance.now() > deadline) return undefined;
    else await delay(POLL_MS);
  }
}

async function create(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(path: string): Promise<boolean> {
  try {
    const age = Date.now() - (await stat(path)).mtimeMs;
    const pid = Number(await readFile(path, 'utf8'));
    // Empty for the moment between its making and its writing.
    return age > STALE_AFTER_MS || (pid > 0 && !isAlive(pid));
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch(() => {});
}
