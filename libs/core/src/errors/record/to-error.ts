import { types } from 'node:util';

import { ThrownValueError } from '../attempt/thrown-value-error.js';

/**
 * Makes an `Error` of anything that was thrown. Errors (of other realms and frozen ones too) come back as they are; all
 * else is wrapped in a {@link ThrownValueError} that keeps it. Never throws.
 */
export function toError(thrown: unknown): Error {
  return isError(thrown) ? thrown : new ThrownValueError(thrown);
}

function isError(thrown: unknown): thrown is Error {
  if (typeof thrown !== 'object' || thrown === null) return false;
  // Before `instanceof`: that asks the prototype, which for a Proxy is the user's code.
  if (types.isNativeError(thrown)) return true;
  try {
    // What an aborted signal gives is no native error, and of another realm in a test run.
    return thrown instanceof Error || thrown instanceof DOMException;
  } catch {
    return false;
  }
}
