import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { loadWorker } from '../load-worker.js';
import { takePidFile } from '../pid-file.js';
import type { Runnable } from '../runnable.js';
import { runWorker } from '../run-worker.js';
import { serveStatus, socketOf, statusOf, type ProcessStatus } from '../status-socket.js';
import { Supervisor } from '../supervisor/supervisor.js';
import type { RunArguments } from './arguments.js';
import { EXIT_CODES } from './exit-codes.js';
import { lineLogger } from './run-logger.js';

/** Runs the worker of a file until it is told to stop; the pid file is this process's meanwhile. Gives the exit code. */
export async function start(args: RunArguments): Promise<number> {
  const logger = lineLogger();
  const release = takePidFile(args.pidFile);
  let close: (() => void) | undefined;
  try {
    const { runnable, status } = args.processes === undefined ? await alone(args) : supervised(args);
    close = await serveStatus(socketOf(args.pidFile), status);
    const running = runWorker(runnable, {
      logger,
      maxRssMb: args.processes === undefined ? args.maxRssMb : undefined,
      onHangup: runnable instanceof Supervisor ? () => runnable.signal('SIGHUP') : undefined,
    });
    // Whoever started a daemon waits for this.
    process.send?.('running');
    if (process.connected) process.disconnect();
    return EXIT_CODES[await running];
  } finally {
    close?.();
    release();
  }
}

/** Starts the same command in the background, and returns when that runs. */
export async function daemonize(args: RunArguments, given: readonly string[]): Promise<number> {
  const log = openSync(args.logFile, 'a');
  const program = fileURLToPath(new URL('../../bin/millrace-worker.js', import.meta.url));
  const rest = given.filter((one) => one !== '--daemonize');
  const child = spawn(process.execPath, [program, 'start', ...rest], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  const code = await new Promise<number>((resolve) => {
    child.once('message', () => resolve(0));
    child.once('exit', (exitCode) => resolve(exitCode ?? 1));
  });
  if (code === 0) console.log(`Started as process ${child.pid ?? ''}; it writes to ${args.logFile}.`);
  else console.error(`It did not start: ${args.logFile} says why.`);
  if (child.connected) child.disconnect();
  child.unref();
  return code;
}

interface Business {
  readonly runnable: Runnable;
  readonly status: () => Promise<ProcessStatus>;
}

async function alone({ file, startJitterMs }: RunArguments): Promise<Business> {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * startJitterMs));
  const runnable = await loadWorker(file);
  return { runnable, status: async () => statusOf(runnable.health?.()) };
}

function supervised({ file, processes = 1, maxRssMb, startJitterMs }: RunArguments): Business {
  const args = ['--start-jitter-ms', String(startJitterMs)];
  if (maxRssMb !== undefined) args.push('--max-rss-mb', String(maxRssMb));
  const runnable = new Supervisor({ file, processes, args, logger: lineLogger() });
  return { runnable, status: async () => statusOf(undefined, await runnable.statuses()) };
}
