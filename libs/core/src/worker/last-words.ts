import { describeError } from '../errors/index.js';
import type { Logger } from '../options/index.js';

/** A worker, as one whose jobs the process may be about to leave. */
export interface Speaker {
  readonly logger: Logger;
  /** What it runs now: queue, id and name of each job. */
  running(): readonly string[];
}

/** How many jobs are named: a worker can run thousands. */
const MOST = 20;

const SPEAKERS = new Set<Speaker>();

/**
 * From now on the log names what the worker runs when an exception or a rejection is caught by nobody: perhaps one of
 * these jobs has thrown in a timer, and nothing else would tell which. What becomes of the process stays as it is.
 */
export function listen(speaker: Speaker): void {
  if (SPEAKERS.size === 0) process.on('uncaughtExceptionMonitor', speak);
  SPEAKERS.add(speaker);
}

export function stopListening(speaker: Speaker): void {
  if (SPEAKERS.delete(speaker) && SPEAKERS.size === 0) process.off('uncaughtExceptionMonitor', speak);
}

function speak(error: unknown): void {
  const { name, message } = describeError(error);
  for (const { logger, running } of SPEAKERS) {
    const jobs = running();
    if (jobs.length === 0) continue;
    const more = jobs.length > MOST ? ` and ${jobs.length - MOST} more` : '';
    const named = `${jobs.slice(0, MOST).join(', ')}${more}`;
    try {
      logger.error(
        `Nobody caught an error (${name}: ${message}) while these jobs ran: ${named}. If it ends the process, they run again when the lease is over.`,
      );
    } catch {
      // The error that is told of must stay the one of which the process hears.
    }
  }
}
