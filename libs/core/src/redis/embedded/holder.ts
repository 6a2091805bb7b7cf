import { execFile, spawn } from 'node:child_process';
import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { promisify } from 'node:util';

/**
 * Runs a server for as long as any process holds the FIFO open for writing. The kernel closes it with its process,
 * however that ends (kill -9 too), and the last one's end is the end of file here. Not redis-memory-server's watchdog:
 * that polls process ids, ends with Ctrl-C, and leaves a server behind that two processes share.
 */
const HOLDER = `fifo=$1; shift
exec 3<>"$fifo" 4<"$fifo" 3>&-
"$@" </dev/null 4<&- & server=$!
{ read -r _ <&4; kill -TERM "$server"; } & watcher=$!
exec 4<&-
wait "$server"; code=$?
kill "$watcher" 2>/dev/null
exit "$code"`;

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;

/** This process's part in keeping a server alive. */
export interface Presence {
  /** Lets go: the server ends when nobody else holds on. */
  release(): void;
}

/** The process that runs a server. */
export interface Holder {
  /** Resolves when it, and with it the server, has ended. */
  readonly ended: Promise<void>;
}

/** Joins those who keep a server alive. `undefined` when no holder is there: then none may run, or one is ending. */
export function joinHolder(fifo: string): Presence | undefined {
  try {
    return presence(openSync(fifo, O_WRONLY | O_NONBLOCK));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENXIO' || code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Starts a server under a holder of its own, and joins it. It runs in its own session: Ctrl-C does not reach it. */
export async function startHolder(
  fifo: string,
  command: readonly string[],
): Promise<{ readonly holder: Holder; readonly presence: Presence }> {
  if (!existsSync(fifo)) await promisify(execFile)('mkfifo', ['-m', '600', fifo]);
  // Opening for writing needs a reader; ours will do until the holder has opened its own.
  const reader = openSync(fifo, O_RDONLY | O_NONBLOCK);
  const writer = openSync(fifo, O_WRONLY | O_NONBLOCK);
  try {
    const args = ['-c', HOLDER, 'millrace-embedded', fifo, ...command];
    const shell = spawn('/bin/sh', args, { detached: true, stdio: 'ignore' });
    const ended = new Promise<void>((resolve) => shell.once('exit', () => resolve()));
    await new Promise<void>((resolve, reject) => void shell.once('spawn', resolve).once('error', reject));
    shell.unref();
    return { holder: { ended }, presence: presence(writer) };
  } catch (error) {
    closeSync(writer);
    throw error;
  } finally {
    closeSync(reader);
  }
}

function presence(descriptor: number): Presence {
  let isOpen = true;
  return {
    release: () => {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}
