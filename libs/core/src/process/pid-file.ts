import { readFileSync, rmSync, writeFileSync } from 'node:fs';

/** A process as a pid file names it: its id, and when it began, so that another one of the same id is not taken for it. */
export interface NamedProcess {
  readonly pid: number;
  /** `undefined` where the system does not say. */
  readonly began: string | undefined;
}

/** What stands in a pid file; `undefined` if there is none, or nothing of use in it. */
export function readPidFile(path: string): NamedProcess | undefined {
  try {
    const [pid, began] = readFileSync(path, 'utf8').split('\n');
    return /^\d{1,10}$/.test(pid ?? '') ? { pid: Number(pid), began: began === '' ? undefined : began } : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether the process lives that a pid file names. */
export function isAlive({ pid, began }: NamedProcess): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process is one all the same.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const found = beganAt(pid);
  if (found?.isZombie === true) return false;
  return began === undefined || found === undefined || found.began === began;
}

/**
 * Writes this process into a pid file; what a dead process left there is taken over.
 *
 * @returns removes the file again
 * @throws Error when a living process has it
 */
export function takePidFile(path: string): () => void {
  const text = `${process.pid}\n${beganAt(process.pid)?.began ?? ''}\n`;
  for (let tries = 0; ; tries++) {
    try {
      writeFileSync(path, text, { flag: 'wx' });
      return () => {
        if (readPidFile(path)?.pid === process.pid) rmSync(path, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || tries > 2) throw error;
    }
    const owner = readPidFile(path);
    if (owner !== undefined && isAlive(owner)) {
      throw new Error(
        `Process ${owner.pid} runs already: ${path} names it. Stop it first, or give another --pid-file.`,
      );
    }
    rmSync(path, { force: true });
  }
}

/** From Linux' list of processes: the 22nd field is when it began, the third whether it has ended and nobody noticed. */
function beganAt(pid: number): { readonly began: string; readonly isZombie: boolean } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, in brackets, may have anything in it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { began: fields[19] ?? '', isZombie: fields[0] === 'Z' };
  } catch {
    return undefined;
  }
}
