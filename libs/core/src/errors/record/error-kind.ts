import { clip } from '../show-value.js';
import { UnrecoverableError } from '../attempt/unrecoverable-error.js';

/** What groups of failures are called by: short, so that a code made of a message does not become one. */
const MAX_KIND = 64;

/**
 * What kind of error this is: its `code` where it has one (`ECONNREFUSED`, `23505`), else its name, or that of its class where
 * the class gave it none (`class RateError extends Error {}`). That of an {@link UnrecoverableError} is the kind of its cause,
 * or its own name. Never throws.
 */
export function errorKind(error: Error): string {
  try {
    const isOurs = UnrecoverableError.is(error);
    if (isOurs && error.cause instanceof Error) return errorKind(error.cause);
    const code: unknown = (error as { code?: unknown }).code;
    const hasCode = !isOurs && ((typeof code === 'string' && code !== '') || typeof code === 'number');
    return clip(String(hasCode ? code : nameOf(error)).replace(/\p{Cc}/gu, ' '), MAX_KIND) || 'Error';
  } catch {
    return 'Error';
  }
}

function nameOf(error: Error): string {
  return error.name === 'Error' ? error.constructor.name : error.name;
}
