import {
  connect,
  JobsError,
  Queue,
  silentLogger,
  type Connection,
  type RepairReport,
  type VerifyReport,
} from '@millrace/core';
import { closestName, registeredQueues } from '@millrace/core/internal';

import { readArguments, USAGE, UsageError, type CliArguments } from './arguments.js';
import { reportText } from './report-text.js';

/** What a command line has around it. */
export interface CliSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes a text to standard output, a line break behind it. */
  readonly out: (text: string) => void;
  /** The same for standard error. */
  readonly err: (text: string) => void;
}

/** Nothing is wrong; something is; it could not be said. */
export const EXIT_CODES = Object.freeze({ clean: 0, findings: 1, failed: 2 });

/** So long it is tried to reach Redis. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Runs a command line. Gives the exit code; rejects with nothing that a user can cause. */
export async function runCli(args: readonly string[], { env, out, err }: CliSurroundings): Promise<number> {
  try {
    const wanted = readArguments(args, env['REDIS_URL']);
    if (wanted === undefined) {
      out(USAGE);
      return EXIT_CODES.clean;
    }
    const report = await ask(wanted);
    out(wanted.isJson ? JSON.stringify({ queue: wanted.queue, ...report }) : reportText(wanted.queue, report));
    return report.isClean ? EXIT_CODES.clean : EXIT_CODES.findings;
  } catch (error) {
    if (error instanceof UsageError) err(`${error.message}\n\n${USAGE}`);
    else if (JobsError.is(error)) err(error.message);
    else throw error;
    return EXIT_CODES.failed;
  }
}

async function ask(wanted: CliArguments): Promise<VerifyReport | RepairReport> {
  const { command, url, prefix } = wanted;
  const connection = await connect(url, {
    logger: silentLogger,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    ...(prefix === undefined ? {} : { prefix }),
  });
  try {
    const queue = new Queue(wanted.queue, { connection, slot: await slotOf(wanted, connection) });
    return await queue[command]();
  } finally {
    await connection.close();
  }
}

/**
 * The slot of the queue. One that nobody registered is not looked at, for whoever does registers it; with a slot that is said it may be
 * one whose registration was lost.
 */
async function slotOf({ queue, slot }: CliArguments, connection: Connection): Promise<string | undefined> {
  const known = await registeredQueues(connection);
  if (slot !== undefined || known.has(queue)) return slot ?? known.get(queue);
  const near = closestName(queue, [...known.keys()]);
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  throw new UsageError(`There is no queue "${queue}" under the prefix "${connection.prefix}".${hint}`);
}
