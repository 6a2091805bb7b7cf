import { ERROR_CODES, JobsError, ProtocolError, StorageRefusedError, type ErrorCode } from '../../errors/index.js';
import { clip } from '../../errors/show-value.js';
import { queueOfKey } from '../keys.js';

/** Answers by which Redis says, before anything was written, that it will not run a call now. */
const REFUSALS: ReadonlySet<string> = new Set([
  'OOM',
  'READONLY',
  'LOADING',
  'BUSY',
  'MISCONF',
  'NOREPLICAS',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'TRYAGAIN',
  'MOVED',
  'ASK',
  'CROSSSLOT',
  'NOAUTH',
  'WRONGPASS',
  'NOPERM',
  'DENIED',
]);

/** Where in a script Redis was: it appends that to what a script raised, and Valkey 9 does so without the script's name. */
const WHERE = / script:(?: \S+,)? on @\S+:\d+\.?$/;

const MAX_TEXT = 500;

/** Whether an error of ioredis is an answer of Redis. All others mean that no answer came. */
export function isReplyError(error: Error): boolean {
  return error.name === 'ReplyError';
}

/**
 * The typed error for an error that Redis answered. A script says `CODE sentence` with a code of the catalogue.
 * The error of ioredis is not kept as the cause: it carries the arguments of the call, and so all payloads.
 */
export function fromReply(error: Error, command: string, key: string): JobsError {
  const text = error.message.replace(WHERE, '');
  const [, code = '', sentence = ''] = /^([A-Z][A-Z0-9_]*) ?([^]*)$/.exec(text) ?? [];
  const cause = bareError(error.name, text);
  if (REFUSALS.has(code)) return new StorageRefusedError(queueOfKey(key), command, code, { cause });
  if (isErrorCode(code)) return new JobsError(code, sentence, { cause });
  // Here it helps whoever looks for the bug.
  const whole = bareError(error.name, error.message);
  return new ProtocolError(
    `Command ${command} on queue "${queueOfKey(key)}" failed in Redis: ${cause.message}. Look for a foreign key ` +
      'under this prefix and for another release of @millrace/core; otherwise report it as a bug.',
    { cause: whole },
  );
}

function bareError(name: string, text: string): Error {
  const bare = new Error(clip(text, MAX_TEXT));
  bare.name = name;
  bare.stack = `${bare.name}: ${bare.message}`;
  return bare;
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}
