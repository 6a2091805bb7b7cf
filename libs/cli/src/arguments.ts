import { parseArgs } from 'node:util';

/** What the command line was asked for. */
export interface CliArguments {
  readonly command: 'verify' | 'repair';
  readonly queue: string;
  readonly url: string;
  readonly prefix: string | undefined;
  readonly slot: string | undefined;
  readonly isJson: boolean;
}

/** What is wrong with a command line. */
export class UsageError extends Error {}

export const USAGE = `millrace verify QUEUE --url URL [--prefix P] [--slot S] [--json]    look for what is wrong with the keys of a queue
millrace repair QUEUE --url URL [--prefix P] [--slot S] [--json]    the same, and mend it

  --url     redis:// or rediss://; by default what REDIS_URL says
  --prefix  the first part of every key; by default millrace
  --slot    the slot that the queue shares with others; by default as it is registered
  --json    one object on standard output

Exit code: 0 nothing is wrong (any more), 1 something is, 2 it could not be said.`;

const OPTIONS = {
  url: { type: 'string' },
  prefix: { type: 'string' },
  slot: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads a command line; `undefined` where help was asked for.
 *
 * @param defaultUrl what `--url` is without being said
 * @throws UsageError
 */
export function readArguments(args: readonly string[], defaultUrl: string | undefined): CliArguments | undefined {
  const { values, positionals } = parse(args);
  if (values.help === true) return undefined;
  const [command, queue, ...rest] = positionals;
  if (command !== 'verify' && command !== 'repair') {
    throw new UsageError(command === undefined ? 'Say what to do.' : `There is no command "${command}".`);
  }
  if (queue === undefined || rest.length > 0)
    throw new UsageError(`${command} takes the name of a queue, and only one.`);
  const url = values.url ?? defaultUrl;
  if (url === undefined || url === '') throw new UsageError('Say which Redis: --url redis://host:port, or REDIS_URL.');
  return { command, queue, url, prefix: values.prefix, slot: values.slot, isJson: values.json === true };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}
