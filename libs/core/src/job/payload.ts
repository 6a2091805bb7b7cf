import { describeError, PayloadError } from '../errors/index.js';
import { isPlainJson } from './plain-json.js';
import { toPlainJson, UnstorableError } from './to-plain-json.js';

/** What a payload is allowed to be, and what it is called in a message. */
export interface PayloadLimits {
  readonly maxBytes: number;
  /** `Payload of "welcome"`, `Result of job mail/42`. A function is only called for a message. */
  readonly subject: string | (() => string);
  /** The first word of paths. @default 'data' */
  readonly root?: string;
  /** What the limit is called in a message. @default 'limit maxPayloadBytes' */
  readonly limit?: string;
}

/** What was stored, or why it cannot be read. */
export type Decoded =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string; readonly text: string };

/**
 * Turns a value into the text that is stored: JSON, or the empty text for `undefined`.
 *
 * What JSON keeps otherwise than it is: Date and objects with `toJSON` become what that gives; instances of classes keep
 * their own enumerable members and lose the class; members that are `undefined` and those named by a symbol are left out;
 * `-0` becomes `0`. All else that JSON would drop or turn into null (NaN, Infinity, functions, symbols, bigint, Map, Set,
 * Promise, RegExp, Error, an invalid Date, `undefined` in a list, cycles, more than 1,000 levels) is refused.
 *
 * @throws PayloadError that names the path, or the size when it is over `maxBytes`
 */
export function encodePayload(value: unknown, limits: PayloadLimits): string {
  if (value === undefined) return '';
  const text = stringify(value, limits);
  // No character takes more than three bytes: short texts need not be counted.
  if (text.length * 3 > limits.maxBytes) refuseLarge(text, limits);
  return text;
}

/** Reads what {@link encodePayload} wrote. Never throws. A key such as `__proto__` is a key like any other. */
export function decodePayload(text: string): Decoded {
  if (text === '') return { ok: true, value: undefined };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, reason: withoutText(error instanceof Error ? error.message : String(error)), text };
  }
}

/** What JSON.parse says may quote the text, which is not for logs: it may hold what nobody shall see. */
function withoutText(reason: string): string {
  const said = reason.replace(/(?:^|, ?)(?:\.\.\.)?"[^]*" ?(?:\.\.\.)? is not valid JSON$/, '').trimEnd();
  if (said === '') return 'it is no JSON';
  return said.includes('JSON') ? said : `${said} in JSON`;
}

function stringify(value: unknown, limits: PayloadLimits): string {
  const root = limits.root ?? 'data';
  try {
    const text: string | undefined = JSON.stringify(isPlainJson(value) ? value : toPlainJson(value, root));
    return text ?? ''; // A toJSON may give undefined.
  } catch (error) {
    const [path, problem, cause] =
      error instanceof UnstorableError
        ? [error.path, `${error.path} ${error.problem}`, error.cause]
        : // A text longer than JavaScript allows, a stack that was nearly full before, a Proxy that refuses.
          [root, `${root} cannot be read or is too large: ${describeError(error).message}`, error];
    throw new PayloadError(subjectOf(limits), path, `cannot be stored: ${problem}`, { cause });
  }
}

function refuseLarge(text: string, limits: PayloadLimits): void {
  const bytes = Buffer.byteLength(text);
  if (bytes <= limits.maxBytes) return;
  const problem = `is ${showBytes(bytes)}, ${limits.limit ?? 'limit maxPayloadBytes'} ${showBytes(limits.maxBytes)}: store it elsewhere and pass a reference.`;
  throw new PayloadError(subjectOf(limits), limits.root ?? 'data', problem);
}

function subjectOf({ subject }: PayloadLimits): string {
  return typeof subject === 'function' ? subject() : subject;
}

function showBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} bytes`;
  const [size, unit] = bytes < 1_048_576 ? [bytes / 1_024, 'KiB'] : [bytes / 1_048_576, 'MiB'];
  return Number.isInteger(size) ? `${size} ${unit}` : `${size.toFixed(1)} ${unit} (${bytes} bytes)`;
}
