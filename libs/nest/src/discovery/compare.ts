import { inspect, isDeepStrictEqual } from 'node:util';

/** Whether two options say the same. Functions are the same only if they are one. */
export function isSame(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b);
}

/** An option's value in a message, on one line. */
export function show(value: unknown): string {
  return inspect(value, { breakLength: Infinity, depth: 3 });
}
