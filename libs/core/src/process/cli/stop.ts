import { rmSync } from 'node:fs';

import { isAlive, readPidFile, type NamedProcess } from '../pid-file.js';
import { askStatus, socketOf } from '../status-socket.js';

const LOOK_EVERY_MS = 50;

/** Asks the process of a pid file to stop, and kills it (and those that it looks after) after the timeout. Gives the exit code. */
export async function stop(pidFile: string, timeoutMs: number): Promise<number> {
  const named = readPidFile(pidFile);
  if (named === undefined || !isAlive(named)) {
    console.log('It does not run.');
    forget(pidFile);
    return 0;
  }
  const status = await askStatus(socketOf(pidFile));
  const others = status?.processes?.map(({ pid }) => pid) ?? [];
  process.kill(named.pid, 'SIGTERM');
  if (await hasEnded(named, timeoutMs)) {
    console.log(`Process ${named.pid} has stopped.`);
    return 0;
  }
  for (const pid of [named.pid, ...others]) kill(pid);
  await hasEnded(named, timeoutMs);
  forget(pidFile);
  console.error(
    `Process ${named.pid} did not stop within ${timeoutMs / 1_000} s and was killed: its jobs come back when its lease ends.`,
  );
  return 1;
}

async function hasEnded(named: NamedProcess, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (isAlive(named)) {
    if (performance.now() >= deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return true;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** What a process left behind that could not tidy up. */
function forget(pidFile: string): void {
  rmSync(pidFile, { force: true });
  rmSync(socketOf(pidFile), { force: true });
}
