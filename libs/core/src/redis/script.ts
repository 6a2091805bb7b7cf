import { ProtocolError } from '../errors/index.js';

/**
 * What happens when Redis runs a command twice because its reply was lost and the client sent it again.
 *
 * - `natural`: the second run changes nothing more
 * - `lane`: the producer's lane remembers the answer and gives it again
 * - `slot`: the worker's slot remembers what the call did
 * - `read`: it changes nothing at all
 */
export type Repeat = 'natural' | 'lane' | 'slot' | 'read';

/** One command of the Lua core: its source, and the way from typed arguments to a typed reply. */
export interface Script<A, R> {
  readonly name: string;
  readonly repeat: Repeat;
  /** Lower-case hex, as `EVALSHA` takes it. */
  readonly sha1: string;
  readonly source: string;
  /** The values of ARGV. Throws `TypeError` for an argument that the command could not read. */
  encode(args: A): string[];
  /** Throws `ProtocolError` when the reply is none that the command declares. */
  decode(raw: unknown): R;
}

/** A command whose arguments and reply do not matter: to load it, or to name it. */
export type AnyScript = Script<never, unknown>;

/** ARGV[1] of every command: the virtual time in ms, or empty where Redis' own clock counts. */
export function nowArg(script: string, now: number | undefined): string {
  return now === undefined ? '' : intArg(script, 'now', now);
}

/** A whole number as Lua reads it exactly: between ±2^53. */
export function intArg(script: string, name: string, value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  throw new TypeError(`Command ${script}: argument "${name}" is ${value}. Pass a whole number between -2^53 and 2^53.`);
}

/** Appends a list that more values may follow: its length, then its items. */
export function pushList(argv: string[], items: readonly string[]): void {
  argv.push(String(items.length));
  for (const item of items) argv.push(item);
}

/** Appends rows given as one flat list, `width` values a row. */
export function pushRows(argv: string[], script: string, name: string, values: readonly string[], width: number): void {
  if (values.length % width !== 0) {
    throw new TypeError(`Command ${script}: "${name}" has ${values.length} values. Pass rows of ${width} values each.`);
  }
  for (const value of values) argv.push(value);
}

/** A reply before its fields are read: the code, then the fields in order. A string alone is the field of an `OK`. */
export function replyParts(script: string, raw: unknown): readonly unknown[] {
  if (typeof raw === 'string') return ['OK', raw];
  if (Array.isArray(raw) && typeof raw[0] === 'string') return raw;
  throw protocolError(script, `replied with ${describe(raw)} where a list that begins with a code was expected`);
}

export function unknownCode(script: string, parts: readonly unknown[]): ProtocolError {
  return protocolError(script, `replied with the unknown code "${String(parts[0])}"`);
}

export function stringPart(script: string, parts: readonly unknown[], place: number): string {
  const value = parts[place];
  if (typeof value === 'string') return value;
  throw wrongPart(script, parts, place, 'a string');
}

/** Redis ends a list at its first nil: a part that is missing is null as well. */
export function nullableStringPart(script: string, parts: readonly unknown[], place: number): string | null {
  const value = parts[place] ?? null;
  if (value === null || typeof value === 'string') return value;
  throw wrongPart(script, parts, place, 'a string or null');
}

/** Integers come as numbers or, from some clients, as numeric strings. */
export function intPart(script: string, parts: readonly unknown[], place: number): number {
  const value = parts[place];
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number)) return number;
  throw wrongPart(script, parts, place, 'an integer');
}

export function stringsPart(script: string, parts: readonly unknown[], place: number): readonly string[] {
  const value = parts[place];
  if (value === '') return [];
  if (Array.isArray(value) && value.every(isString)) return value;
  throw wrongPart(script, parts, place, 'a list of strings');
}

export function nullableStringsPart(
  script: string,
  parts: readonly unknown[],
  place: number,
): readonly (string | null)[] {
  const value = parts[place];
  if (Array.isArray(value) && value.every(isNullableString)) return value;
  throw wrongPart(script, parts, place, 'a list of strings and nulls');
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isNullableString(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function wrongPart(script: string, parts: readonly unknown[], place: number, expected: string): ProtocolError {
  const what = describe(parts[place]);
  return protocolError(
    script,
    `replied ${String(parts[0])} with ${what} in place ${place} where ${expected} was expected`,
  );
}

function protocolError(script: string, what: string): ProtocolError {
  return new ProtocolError(
    `Command ${script} ${what}. Look for a proxy or a client option that changes replies; otherwise report it as a bug.`,
  );
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'string' ? `the string "${value.slice(0, 60)}"` : `a ${typeof value}`;
}
