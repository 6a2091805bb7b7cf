import { parseArgs } from 'node:util';

/** What `millrace-worker start` was asked for. */
export interface RunArguments {
  readonly file: string;
  readonly pidFile: string;
  /** `undefined`: the worker runs in this process, and nobody starts it again. */
  readonly processes: number | undefined;
  readonly maxRssMb: number | undefined;
  readonly startJitterMs: number;
  readonly isDaemon: boolean;
  readonly logFile: string;
}

/** What is wrong with a command line. */
export class UsageError extends Error {}

export const USAGE = `millrace-worker start <file> [--processes N] [--max-rss-mb N] [--start-jitter-ms N] [--daemonize [--log-file F]]
millrace-worker stop   [--timeout SECONDS]
millrace-worker status [--json]

All take --pid-file F, by default ./millrace-worker.pid. The file of a worker has as its default export a Worker, a list of
them, or a function that makes them.`;

const PID_FILE = './millrace-worker.pid';
const LOG_FILE = './millrace-worker.log';
const STOP_SECONDS = 30;

/** @throws UsageError */
export function readRunArguments(args: readonly string[]): RunArguments {
  const { values, positionals } = parse(args, {
    'pid-file': { type: 'string' },
    processes: { type: 'string' },
    'max-rss-mb': { type: 'string' },
    'start-jitter-ms': { type: 'string' },
    daemonize: { type: 'boolean' },
    'log-file': { type: 'string' },
  });
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw new UsageError('start takes the file of a worker, and only one.');
  return {
    file,
    pidFile: text(values['pid-file']) ?? PID_FILE,
    processes: wholeNumber('processes', values['processes'], 1, 1_000),
    maxRssMb: wholeNumber('max-rss-mb', values['max-rss-mb'], 16, 16_777_216),
    startJitterMs: wholeNumber('start-jitter-ms', values['start-jitter-ms'], 0, 86_400_000) ?? 0,
    isDaemon: values['daemonize'] === true,
    logFile: text(values['log-file']) ?? LOG_FILE,
  };
}

/** @throws UsageError */
export function readStopArguments(args: readonly string[]): { readonly pidFile: string; readonly timeoutMs: number } {
  const { values } = parse(args, { 'pid-file': { type: 'string' }, timeout: { type: 'string' } });
  const seconds = wholeNumber('timeout', values['timeout'], 0, 86_400) ?? STOP_SECONDS;
  return { pidFile: text(values['pid-file']) ?? PID_FILE, timeoutMs: seconds * 1_000 };
}

/** @throws UsageError */
export function readStatusArguments(args: readonly string[]): { readonly pidFile: string; readonly isJson: boolean } {
  const { values } = parse(args, { 'pid-file': { type: 'string' }, json: { type: 'boolean' } });
  return { pidFile: text(values['pid-file']) ?? PID_FILE, isJson: values['json'] === true };
}

type Options = Record<string, { readonly type: 'string' | 'boolean' }>;

function parse(
  args: readonly string[],
  options: Options,
): { values: Record<string, unknown>; positionals: readonly string[] } {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function wholeNumber(name: string, value: unknown, min: number, max: number): number | undefined {
  const said = text(value);
  if (said === undefined) return undefined;
  const number = Number(said);
  if (/^\d+$/.test(said) && number >= min && number <= max) return number;
  throw new UsageError(`--${name} takes a whole number from ${min} to ${max}; got ${said}.`);
}
