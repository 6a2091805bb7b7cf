import { describeError, errorKind } from '../errors/index.js';
import type { ResolvedErrorRule } from '../options/index.js';
import type { Redaction } from '../redaction/index.js';

/**
 * How an attempt ended, as one letter of the wire contract: completed, retry, uncounted retry, snooze, failed, timed out,
 * broken, cancelled (x), given back, no handler (n), completed and followed by another job (q), moved, waits for
 * its batch (a).
 */
export type EndLetter = 'c' | 'r' | 'u' | 'z' | 'f' | 't' | 'b' | 'x' | 'g' | 'n' | 'q' | 'm' | 'a';

/** How an attempt ended. */
export interface Ending {
  readonly letter: EndLetter;
  readonly durationMs: number;
  /** Before the next attempt, for r, u and z. */
  readonly delayMs?: number;
  /** The result, or the error, as JSON text. */
  readonly body: string;
  /** The queue in which something goes on. */
  readonly to?: string;
  /** What kind of error it was: failures are grouped by it. */
  readonly kind?: string;
  /** What the hooks are told. */
  readonly result?: unknown;
  readonly error?: Error;
  /** Told beside the hooks, by a rule for errors of this class. */
  readonly tell?: ResolvedErrorRule['tell'];
  /** The attempt passed its deadline. */
  readonly isTimeout?: boolean;
}

/** The code that hands an ending in. A success is as short as it can be: most are. */
export function encodeEnding(token: string, name: string, ending: Ending, withName: boolean): string {
  const { letter, durationMs, delayMs = 0, body, kind } = ending;
  if (letter === 'c' && !withName) return body === '' ? `${token}\t${durationMs}` : `${token}\t${durationMs}\t${body}`;
  const how = kind === undefined ? `${letter}${durationMs}` : `${letter}${durationMs},${kind}`;
  return `${token}\t${how}\t${delayMs}\t${name}\t${body}`;
}

/** What belongs to an ending by an error. */
export interface ErrorEnd extends Pick<Ending, 'durationMs' | 'delayMs' | 'isTimeout'> {
  /** Where it is not the error that says it. */
  readonly kind?: string;
  readonly redaction: Redaction;
}

/** An ending by an error, of which what may be seen is stored. */
export function endWith(letter: EndLetter, error: Error, { redaction, kind, ...end }: ErrorEnd): Ending {
  const body = JSON.stringify(redaction.error(describeError(error, kind)));
  return { letter, body, error, kind: kind ?? errorKind(error), ...end };
}

/** Back to the front of the queue, nothing charged. */
export const GIVE_BACK: Ending = Object.freeze({ letter: 'g', durationMs: 0, body: '' });

/** Set aside until a worker comes that has a handler for the name. */
export const NO_HANDLER: Ending = Object.freeze({ letter: 'n', durationMs: 0, body: '' });
