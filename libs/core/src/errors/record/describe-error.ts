import { clip, showValue } from '../show-value.js';
import type { JobErrorInfo } from './job-error-info.js';
import { toError } from './to-error.js';

/** How much is kept of the error itself, and of each cause. */
const LIMITS = Object.freeze({
  own: Object.freeze({ message: 10_000, stack: 16_384 }),
  cause: Object.freeze({ message: 2_000, stack: 4_096 }),
  depth: 5,
  word: 200,
});

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Describes anything that was thrown as plain data of bounded size (about 60,000 characters at most, whatever was
 * thrown). Nothing about the error can make it throw: getters that throw are named, cycles of causes are cut.
 *
 * @param kind how the attempt ended, where throwing was not it: `timeout`
 */
export function describeError(thrown: unknown, kind?: string): JobErrorInfo {
  const info = describeChain(toError(thrown), 0, new Set());
  return kind === undefined ? info : { ...info, kind };
}

/** {@link describeError} as JSON text, for storage. */
export function encodeError(thrown: unknown, kind?: string): string {
  return JSON.stringify(describeError(thrown, kind));
}

/** Reads what {@link encodeError} wrote. Never throws: a text that is none of its own becomes the message. */
export function decodeError(text: string): JobErrorInfo {
  try {
    const value: unknown = JSON.parse(text);
    if (isInfo(value)) return value;
  } catch {
    // Written by another client or damaged: still worth showing.
  }
  return { name: 'Error', message: clip(text, LIMITS.own.message) };
}

function describeChain(error: Error, depth: number, seen: Set<unknown>): JobErrorInfo {
  seen.add(error);
  const limit = depth === 0 ? LIMITS.own : LIMITS.cause;
  const name = clip(readText(error, 'name') || 'Error', LIMITS.word);
  const fullMessage = readText(error, 'message');
  const info: Writable<JobErrorInfo> = { name, message: clip(fullMessage, limit.message) };

  const stack = read(error, 'stack');
  if (typeof stack === 'string' && stack !== '') info.stack = clipStack(stack, fullMessage, info, limit.stack);
  const code = read(error, 'code');
  if (typeof code === 'string' || typeof code === 'number') info.code = clip(String(code), LIMITS.word);
  const cause = read(error, 'cause');
  if (cause !== undefined && cause !== null && depth < LIMITS.depth && !seen.has(cause)) {
    info.cause = describeChain(toError(cause), depth + 1, seen);
  }
  return info;
}

/** A stack repeats the message: a long one must not push the frames out of what is kept. */
function clipStack(stack: string, fullMessage: string, kept: JobErrorInfo, limit: number): string {
  if (stack.length <= limit) return stack;
  const at = fullMessage === '' ? -1 : stack.indexOf(fullMessage);
  if (at === -1) return clip(stack, limit);
  const frames = stack.slice(at + fullMessage.length);
  return clip(`${kept.name}: ${clip(kept.message, limit / 4)}${frames}`, limit);
}

function readText(error: Error, property: 'name' | 'message'): string {
  const value = read(error, property);
  if (typeof value === 'string') return value;
  return value === undefined ? '' : showValue(value, 1_000);
}

function read(error: Error, property: string): unknown {
  try {
    return (error as unknown as Record<string, unknown>)[property];
  } catch (fault) {
    return property === 'message' ? `(reading the message threw: ${showValue(fault, 200)})` : undefined;
  }
}

function isInfo(value: unknown): value is JobErrorInfo {
  if (typeof value !== 'object' || value === null) return false;
  const { name, message } = value as Partial<JobErrorInfo>;
  return typeof name === 'string' && typeof message === 'string';
}
