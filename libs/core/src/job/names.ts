import { InvalidNameError, type NameKind } from '../errors/index.js';

const MAX_BYTES = 256;

/** Printable ASCII without braces: nearly every name, and told valid at once. */
const PLAIN = /^[\x20-\x7a|~]{1,256}$/;
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;
const LONE_SURROGATE = /\p{Cs}/u;

/**
 * Returns the name if it may be one: 1–256 bytes of printable UTF-8 without control characters, line separators, lone
 * surrogates or braces. It is never changed (no trimming, no normalising): what is stored is what was given.
 *
 * @throws InvalidNameError
 */
export function validateName(kind: NameKind, value: unknown): string {
  if (typeof value === 'string' && PLAIN.test(value)) return value;
  return validateUnusual(kind, value);
}

function validateUnusual(kind: NameKind, value: unknown): string {
  if (typeof value !== 'string') throw new InvalidNameError(kind, value, 'it must be a string');
  if (value === '') throw new InvalidNameError(kind, value, 'it must not be empty');
  // First, so that no later check looks through a text of many megabytes.
  const bytes = value.length > MAX_BYTES ? value.length : Buffer.byteLength(value);
  if (bytes > MAX_BYTES) throw new InvalidNameError(kind, value, `it is longer than ${MAX_BYTES} bytes`);
  if (/[{}]/.test(value)) throw new InvalidNameError(kind, value, bracesProblem(kind));
  if (CONTROL.test(value))
    throw new InvalidNameError(kind, value, 'control characters and line breaks are not allowed');
  if (LONE_SURROGATE.test(value)) {
    throw new InvalidNameError(kind, value, 'it holds half of a surrogate pair, which no UTF-8 text can');
  }
  return value;
}

function bracesProblem(kind: NameKind): string {
  const isKeyPart = kind === 'queue' || kind === 'slot' || kind === 'key prefix';
  return isKeyPart ? 'braces are not allowed; Millrace adds the Cluster hash tag itself' : 'braces are not allowed';
}
