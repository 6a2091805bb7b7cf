import { constants } from 'node:os';

import { describeError, InvalidOptionError } from '../errors/index.js';
import { callable, duration, wholeNumber } from '../options/check/checks.js';
import { consoleLogger, fieldTable, loggerOption, readFields, type Logger } from '../options/index.js';
import { listenToSignals } from './process-signals.js';
import { isRunnable, type Runnable } from './runnable.js';

/** How a worker is run as the business of its process. */
export interface RunWorkerOptions {
  /** Called at SIGHUP, to read a configuration anew for example. @default SIGHUP ends the process */
  readonly onHangup?: (() => unknown) | undefined;
  /** The process stops when its memory (resident set) has grown beyond this, for its supervisor to start it afresh. */
  readonly maxRssMb?: number | undefined;
  /** How often the memory is looked at. @default 5000 */
  readonly rssEveryMs?: number | undefined;
  /** @default the console */
  readonly logger?: Logger | undefined;
}

/** Why a worker has stopped. */
export type StopReason = 'signal' | 'memory';

interface Resolved {
  readonly onHangup: () => unknown;
  readonly maxRssMb: number;
  readonly rssEveryMs: number;
  readonly logger: Logger;
}

const TABLE = fieldTable<Resolved>({
  onHangup: callable(),
  maxRssMb: wholeNumber(16, 16_777_216),
  rssEveryMs: duration({ min: 100 }),
  logger: loggerOption,
});

const BYTES_PER_MB = 1_048_576;
/** Exit codes of processes that a signal ended begin here. */
const SIGNAL_EXIT = 128;

/**
 * Runs a worker as the business of this process: starts it, and resolves when it has been stopped. The first SIGTERM or
 * SIGINT drains it; the second gives back what runs and ends the process at once; SIGTSTP or SIGUSR2 keep it from taking
 * jobs, SIGCONT lets it take them again.
 *
 * @example
 * await runWorker(worker);
 * await connection.close();
 *
 * @throws InvalidOptionError, UnknownOptionError; what `start()` throws
 */
export async function runWorker(runnable: Runnable, options: RunWorkerOptions = {}): Promise<StopReason> {
  const where = 'runWorker()';
  if (!isRunnable(runnable)) {
    const expected = 'a Worker, or an object with start(), stop(), pause() and resume()';
    throw new InvalidOptionError({ where, path: 'worker', value: runnable, expected });
  }
  const { onHangup, maxRssMb, rssEveryMs = 5_000, logger = consoleLogger } = readFields(options, TABLE, where);
  let stopped!: (reason: StopReason) => void;
  const asked = new Promise<StopReason>((resolve) => (stopped = resolve));
  const forget = listenToSignals({
    drain: () => stopped('signal'),
    end: (signal) => void endAtOnce(runnable, signal),
    quiet: () => runnable.pause(),
    resume: () => runnable.resume(),
    hangup: onHangup === undefined ? undefined : () => void callHangup(onHangup, logger),
  });
  const watch =
    maxRssMb === undefined
      ? undefined
      : setInterval(() => {
          const rssMb = Math.round(process.memoryUsage.rss() / BYTES_PER_MB);
          if (rssMb <= maxRssMb) return;
          clearInterval(watch);
          logger.warn(`The process has ${rssMb} MiB in memory, more than ${maxRssMb}: its worker stops.`, {
            rssMb,
            maxRssMb,
          });
          stopped('memory');
        }, rssEveryMs);
  watch?.unref();
  try {
    // A signal while it starts stops it: nobody waits for a Redis that is away.
    const started = runnable.start();
    const reason = await Promise.race([asked, started.then(() => asked)]);
    await Promise.all([runnable.stop(), started.catch(() => {})]);
    return reason;
  } finally {
    clearInterval(watch);
    forget();
  }
}

/** What runs goes back to its queue, then the process ends as one that a signal has ended. */
async function endAtOnce(runnable: Runnable, signal: NodeJS.Signals): Promise<void> {
  const end = (): never => process.exit(SIGNAL_EXIT + (constants.signals[signal] ?? 0));
  process.once(signal, end);
  await runnable.stop({ timeoutMs: 0 }).catch(() => {});
  end();
}

async function callHangup(onHangup: () => unknown, logger: Logger): Promise<void> {
  try {
    await onHangup();
  } catch (error) {
    logger.error(`onHangup threw: ${describeError(error).message}. The worker goes on.`);
  }
}
